"""By which names a mail is known once it is here: our own key of it, and the Message-ID it came with. One for each place it went to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chat.ledger import read
from chat.ledger.append import Named

BY_MAIL_KEY, BY_MESSAGE_ID = "mail", "message-id"
"""Namespaces of outside names."""
LONGEST = 300
_SES = "@amazonses.com"
_SES_SAID = re.compile(r"\bOk ([0-9a-f]{16}(?:-[0-9a-f]{4,12}){5}-[0-9]{6})\b")
_SES_REGION = re.compile(r"@[a-z0-9-]+\.amazonses\.com\Z")


def known(key: str, place: str = "") -> int | None:
    """The first conversation that took in the mail with this key; or the one at a further place."""
    name = _at(key, place)
    found = read.named(BY_MAIL_KEY, [name]).get(name)
    return found[0] if found else None


def named_by(identifiers: Sequence[str], place: str = "") -> dict[str, int]:
    """Which of these Message-IDs belong to a mail that is here, and the conversation it went into first; or the one at a further place."""
    names = {_at(value, place): value for value in identifiers}
    return {names[name]: found[0] for name, found in read.named(BY_MESSAGE_ID, list(names)).items()}


def names(key: str, identifier: str, conversation: int, *, place: str = "") -> tuple[Named, ...]:
    """The rows by which the mail and answers to it are recognised from now on. `place` is empty for the first one."""
    rows = [Named(conversation=conversation, namespace=BY_MAIL_KEY, value=_at(key, place))]
    if identifier and len(identifier) <= LONGEST:
        rows.append(Named(conversation=conversation, namespace=BY_MESSAGE_ID, value=_at(identifier, place)))
    return tuple(rows)


def given_by_relay(said: str) -> str:
    """The Message-ID that a relay gives a mail in place of ours, as it says in its answer; empty if it says nothing of one.

    Amazon SES does so: "250 Ok <id>", and the mail bears `<id>@<region>.amazonses.com`.
    """
    found = _SES_SAID.search(said)
    return f"{found[1]}{_SES}" if found else ""


def _at(name: str, place: str) -> str:
    name = _SES_REGION.sub(_SES, name)
    # A name stands for one conversation, and no Message-ID has a blank in it.
    return f"{name} {place}" if place else name
