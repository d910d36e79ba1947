"""The customer's record."""
