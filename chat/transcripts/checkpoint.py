"""Signs all heads at once: the daily checkpoint, and the proof that one conversation stands in it. Knows no transcript and no page."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chat.ledger import blobs, checkpoints, note
from chat.ledger.checkpoints import Kept
from chat.ledger.head_list import BadList, Reading
from chat.people import signing_keys


@dataclass(frozen=True, slots=True)
class Included:
    """One conversation in one checkpoint: its head then, its place among the leaves, and the audit path (RFC 6962 section 2.1.1)."""

    conversation: int
    position: int
    seal: bytes
    index: int
    path: tuple[bytes, ...]
    note: str
    made_at: int

    def proof(self) -> str:
        """As text that other tools read too: c2sp.org/tlog-proof, with the leaf itself as its extra data."""
        leaf = self.conversation.to_bytes(8, "big") + self.position.to_bytes(8, "big") + self.seal
        lines = ["c2sp.org/tlog-proof@v1", f"extra {_base64(leaf)}", f"index {self.index}", *map(_base64, self.path)]
        return "\n".join(lines) + "\n\n" + self.note


def make(pause: Callable[[], None] = lambda: None) -> Kept:
    """List all heads, sign the root of their tree, keep both. `pause` is called between two pages and may raise to give up."""
    listed = checkpoints.list_heads(pause)
    signed = signing_keys.sign(f"{signing_keys.origin()}/checkpoint\n{listed.size}\n{_base64(listed.root)}\n")
    kept = Kept(time.time_ns() // 1000, listed.size, listed.root, signed, listed.leaves)
    checkpoints.keep(listed, signed, made_at=kept.made_at)
    return kept


def included(conversation: int, *, upto: int) -> Included | None:
    """The proof from the newest checkpoint that has this conversation at `upto` or before; None if none has, or no list can be read."""
    for one in checkpoints.kept(checkpoints.LISTS):
        found = _included(one, conversation) if one.leaves else None
        if found is not None and found.position <= upto:
            return found
    return None


def troubles(kept: list[Kept]) -> Iterator[tuple[Kept, str]]:
    """Checkpoints that say themselves that they were changed: signature, root and list belong together."""
    keys = [key.vkey for key in signing_keys.public_keys()]
    for one in kept:
        problem = _trouble(one, keys)
        if problem:
            yield one, problem


def _included(one: Kept, conversation: int) -> Included | None:
    try:
        with blobs.open_blob(one.leaves) as file:
            reading = Reading(file)
            found = reading.find(conversation)
            if found is None:
                return None
            index, (_, position, seal) = found
            return Included(conversation, position, seal, index, tuple(reading.path(index)), one.note, one.made_at)
    except (FileNotFoundError, BadList):
        return None


def _trouble(one: Kept, keys: list[str]) -> str:
    try:
        said = note.opened(one.note, keys).split("\n")[1:3]
    except note.BadNote as problem:
        return f"its signature does not hold: {problem}"
    if said != [str(one.size), _base64(one.root)]:
        return "it is not what was signed"
    return _unlike(one) if one.leaves else ""


def _unlike(one: Kept) -> str:
    try:
        with blobs.open_blob(one.leaves) as file:
            reading = Reading(file)
            return "" if (reading.size, reading.root()) == (one.size, one.root) else "its list of heads is not the one that was signed"
    except FileNotFoundError:
        return "its list of heads is missing"
    except BadList as problem:
        return f"its list of heads cannot be read: {problem}"


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
