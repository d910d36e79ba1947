"""Customers, agents, sites and how they are recognised."""
