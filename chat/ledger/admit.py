"""What a command must look like before it may wait in the queue: sealable, bounded, complete in itself. Knows no engine and no state.

Both engines get the same answer here; one refuses a NUL and long text by itself, the other would keep them.
"""

from __future__ import annotations

import re

from chat.ledger import seal
from chat.ledger.append import Command, CompanionRow, Crosses, Fired, Joins, Named, Opens, Refused
from chat.ledger.event import DISCLOSED

_LONGEST_ID = 2**63 - 1
_CODE = re.compile(r"[a-z][a-z-]{0,31}\Z")


def admit(command: Command) -> None:
    """Refuse what can never be written. Raises seal.NotSealable or Refused."""
    if not command.facts:
        raise Refused("A command without a fact says nothing.")
    for fact in command.facts:
        fact.sealed_values()
        _id(fact.conversation)
        for text, limit in ((fact.key, 200), (fact.actor, 64), (fact.channel, 32)):
            _text(text, limit)
        if fact.disclose != DISCLOSED and not _CODE.match(fact.disclose):
            raise Refused(f"{fact.disclose[:40]!r} is no code of a ground; a header is never crossed out, so no words stand in it.")
    if len({(fact.conversation, fact.actor, fact.key) for fact in command.facts}) < len(command.facts):
        raise Refused("Two facts of one command have the same key.")
    mentioned = {fact.conversation for fact in command.facts}
    if command.opens is not None:
        _opens(command.opens, mentioned)
    for row in command.rows:
        _row(row, command, mentioned)


def _opens(opens: Opens, mentioned: set[int]) -> None:
    if opens.conversation not in mentioned:
        raise Refused("A command that opens a conversation needs a fact in it.")
    _text(opens.source, 64)
    _text(opens.key, 200)


def _row(row: CompanionRow, command: Command, mentioned: set[int]) -> None:
    if isinstance(row, Joins | Named | Fired | Crosses) and row.conversation not in mentioned:
        raise Refused(f"The command has no fact in conversation {row.conversation}.")
    match row:
        case Joins():
            _text(row.ref, 64)
        case Named():
            _fact(row.fact, row.conversation, command)
            _text(row.namespace, 32)
            _text(row.value, 300)
        case Crosses():
            _fact(row.fact, row.conversation, command)
        case Fired():
            _text(row.name, 64)


def _fact(index: int, conversation: int, command: Command) -> None:
    if not 0 <= index < len(command.facts) or command.facts[index].conversation != conversation:
        raise Refused(f"The command has no fact {index} in conversation {conversation}.")


def _id(conversation: int) -> None:
    if not 0 < conversation <= _LONGEST_ID:
        raise Refused(f"{conversation} is no id of a conversation.")


def _text(text: str, limit: int) -> None:
    seal.canonical(text)
    if not text or len(text) > limit:
        raise Refused(f"{text[:40]!r} has {len(text)} characters; between 1 and {limit} are allowed.")
