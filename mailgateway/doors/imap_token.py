"""A token with which Google, Microsoft and others let us into a mailbox, got for a refresh token or for the app's own secret (RFC 6749).

Some give a new refresh token each time and let the old one run out: the newest is kept in the data folder. Knows no mailbox.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

PATIENCE = 30
LARGEST = 256 * 1024
EARLY = 120
"""Seconds before its end from which on a token is not used any more."""


class NoToken(Exception):
    """The provider gives none; the sentence holds its own words."""


class Tokens:
    """The tokens of one mailbox. `options` as in THROUGHLINE_IMAP_OAUTH; `folder` is where the newest refresh token is kept."""

    def __init__(self, options: Mapping[str, str], folder: Path) -> None:
        self._options = dict(options)
        self._file = folder / "imap-refresh-token"
        self._token, self._until = "", 0.0

    def token(self) -> str:
        """One that is good for two minutes at least. Raises NoToken, or OSError if nobody answers."""
        if time.monotonic() >= self._until:
            answer = self._ask()
            self._token = str(answer.get("access_token") or "")
            if not self._token:
                raise NoToken(f"The answer holds no access_token: {_words(answer)}")
            self._until = time.monotonic() + max(0, int(answer.get("expires_in") or 600) - EARLY)
            self._keep(str(answer.get("refresh_token") or ""))
        return self._token

    def refused(self) -> None:
        """The mail server did not take it: ask for another one next time."""
        self._until = 0.0

    def _ask(self) -> dict[str, Any]:
        wanted = {name: text for name, text in self._options.items() if name in ("client_id", "client_secret", "scope")}
        if "refresh_token" in self._options:
            wanted |= {"grant_type": "refresh_token", "refresh_token": self._refresh_token()}
        else:
            wanted |= {"grant_type": "client_credentials"}
        url = self._options["token_url"]
        place = urlsplit(url)
        if place.scheme != "https" and not (place.scheme == "http" and place.hostname in ("127.0.0.1", "localhost")):
            raise NoToken("token_url must begin with https://: the secret goes there.")
        request = urllib.request.Request(url, data=urlencode(wanted).encode(), headers={"Accept": "application/json"})  # noqa: S310  # looked at above
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310  # as above
                found = json.loads(answer.read(LARGEST))
        except urllib.error.HTTPError as problem:
            raise NoToken(f"{problem.code}: {_said(problem.read(LARGEST))}") from problem
        except ValueError as problem:
            raise NoToken("The answer is no JSON.") from problem
        return found if isinstance(found, dict) else {}

    def _refresh_token(self) -> str:
        """The newest that came for the configured one; a new setting counts more than what was kept for the old."""
        first = self._options["refresh_token"]
        try:
            kept = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return first
        return str(kept["token"]) if isinstance(kept, dict) and kept.get("for") == _digest(first) else first

    def _keep(self, newer: str) -> None:
        first = self._options.get("refresh_token", "")
        if not newer or newer in (first, self._refresh_token() if first else ""):
            return
        beside = self._file.with_suffix(".new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({"for": _digest(first), "token": newer}, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._file)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _said(answer: bytes) -> str:
    try:
        found = json.loads(answer)
    except ValueError:
        return " ".join(answer.decode("utf-8", "replace").split())[:200]
    return _words(found)


def _words(answer: object) -> str:
    """What the provider says is wrong, and nothing that could be a token."""
    if not isinstance(answer, dict):
        return "no object"
    return " ".join(str(answer.get(name, "")) for name in ("error", "error_description")).strip()[:300]
