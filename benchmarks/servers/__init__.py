"""The servers that are measured, each a process of its own: the product, and what it is compared with."""
