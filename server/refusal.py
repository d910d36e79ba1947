"""How large a request may be, and what somebody is told who sends more: the same under every web server."""

LARGEST = 32 * 1024 * 1024
"""Octets of a request's body: the largest upload, and its wrapping."""
TOO_LARGE = b"This is too large. Nothing was stored."
