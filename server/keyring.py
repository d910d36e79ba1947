"""Root secrets: from the environment, or made once in the data folder. Keys for each purpose are derived in chat.people.keys."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from server.environment import BadSetting

LEAST = 32
"""Characters a root secret has at least."""


def root_secrets(values: dict[str, Any], data: Path) -> dict[int, str]:
    """Root secrets by id, the current one with the highest id. Raises BadSetting if production has none."""
    current: str = values["THROUGHLINE_SECRET"]
    if not current:
        if values["THROUGHLINE_MODE"] == "production":
            raise BadSetting(
                "THROUGHLINE_SECRET is missing. In production it must be set, or links and reply addresses would die with the machine. "
                "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        current = _made_once(data / "secret")
    if len(current) < LEAST:
        raise BadSetting(f"THROUGHLINE_SECRET is too short: it has {len(current)} characters, {LEAST} are needed.")
    found = {values["THROUGHLINE_SECRET_ID"]: current}
    for word in values["THROUGHLINE_OLD_SECRETS"]:
        number, _, secret = word.partition(":")
        if not number.isdigit() or not secret:
            raise BadSetting("THROUGHLINE_OLD_SECRETS holds `id:secret` words separated by spaces.")
        found[int(number)] = secret
    if max(found) != values["THROUGHLINE_SECRET_ID"] or max(found) > 255:
        raise BadSetting("THROUGHLINE_SECRET_ID must be higher than the id of every old secret, and at most 255.")
    return found


def _made_once(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    secret = secrets.token_urlsafe(48)
    with os.fdopen(handle, "w") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    return secret
