"""The certificate for STARTTLS: loaded at start, loaded again when its files change, and how long it is good. Knows no connection."""

from __future__ import annotations

import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509
from django.conf import settings

log = structlog.get_logger()

LOOK = 5.0
"""Seconds between two looks at the files."""
SOON = timedelta(days=14)


class Certificate:
    """Chain and key in PEM files. Raises OSError (of which ssl.SSLError is one) if they cannot be loaded at the start."""

    def __init__(self, chain: Path, key: Path) -> None:
        self._files = (chain, key)
        self._stamp = self._stamps()
        self._context = self._loaded()
        self._looked = time.monotonic()

    def context(self) -> ssl.SSLContext:
        """For the next connection. Files that are renewed and cannot be loaded, half-written ones say, change nothing until they can."""
        now = time.monotonic()
        if now - self._looked >= LOOK:
            self._looked = now
            try:
                self._renew()
            except OSError as problem:
                log.warning("smtp_certificate_not_loaded", problem=str(problem))
        return self._context

    def _renew(self) -> None:
        stamp = self._stamps()
        if stamp != self._stamp:
            self._context = self._loaded()
            self._stamp = stamp
            log.info("smtp_certificate_loaded")

    def _loaded(self) -> ssl.SSLContext:
        chain, key = self._files
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(chain, key, password="")  # never ask on a terminal
        return context

    def _stamps(self) -> tuple[tuple[int, int, int], ...]:
        found = [path.stat() for path in self._files]
        return tuple((stat.st_mtime_ns, stat.st_ino, stat.st_size) for stat in found)


def from_settings() -> Certificate | None:
    """None where none is set."""
    chain, key = settings.SMTP_CERTIFICATE, settings.SMTP_KEY
    return Certificate(chain, key) if chain is not None and key is not None else None


def good_until(chain: Path) -> datetime:
    """When the first certificate of the file runs out. Raises OSError or ValueError."""
    return x509.load_pem_x509_certificate(chain.read_bytes()).not_valid_after_utc


def runs_out_soon(chain: Path, *, now: datetime | None = None) -> bool:
    return good_until(chain) - (now or datetime.now(UTC)) < SOON
