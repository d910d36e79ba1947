"""By which names a mail is known once it is here: our own key of it, and the Message-ID it came with. One for each place it went to."""

from __future__ import annotations

from collections.abc import Sequence

from chat.ledger import read
from chat.ledger.append import Named

BY_MAIL_KEY, BY_MESSAGE_ID = "mail", "message-id"
"""Namespaces of outside names."""
LONGEST = 300


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


def _at(name: str, place: str) -> str:
    # A name stands for one conversation, and no Message-ID has a blank in it.
    return f"{name} {place}" if place else name
