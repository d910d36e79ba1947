"""The former name of what evidence.py tells."""

from __future__ import annotations

from mailgateway.evidence import Evidence as Authentication

__all__ = ["Authentication"]
