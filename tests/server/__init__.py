"""Tests of the process and its command line."""
