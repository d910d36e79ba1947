"""Event kinds, one file per family: plain dataclasses without Django."""
