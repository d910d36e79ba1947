"""The load: clients in a process of their own that cost much less than any server. Knows no server's inside."""
