"""What each mail of ours says about its conversation, in its header, so that a mailbox is a witness: written here, and read again here.

Knows only the lines of a mail's header; the rest of a mailbox is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from chat.ledger.note import BadNote, Key, signed_by
from chat.transcripts.proof import head_note, head_text

CONVERSATION, POSITION, SEAL, SIGNATURE = "Throughline-Conversation", "Throughline-Position", "Throughline-Seal", "Throughline-Signature"
_LINE = 64 * 1024
_HEADER = 512 * 1024
"""Octets of one header that are read: more is no mail of ours."""


@dataclass(frozen=True, slots=True)
class Said:
    """The head that one mail names. `seal` is in hex; `signature` is the line of a signed note without its dash, as the mail carries it."""

    where: str
    conversation: str
    position: int
    seal: str
    signature: str


@dataclass(frozen=True, slots=True)
class Heard:
    """One mail against a transcript. `signed` is the key that signed what the mail says; None if it is not signed by a known one."""

    said: Said
    signed: Key | None
    problem: str


def head_fields(conversation: int, position: int, seal: bytes) -> dict[str, str]:
    """The header fields of a mail about the event at `position`: the head then, and the signature of its note."""
    signature = head_note(conversation, position, seal).rpartition("\n— ")[2].rstrip("\n")
    return {CONVERSATION: str(conversation), POSITION: str(position), SEAL: seal.hex(), SIGNATURE: signature}


def heads_in(file: BinaryIO, where: str) -> Iterator[Said]:
    """What the mails of a file say, in order: one mail as it travels, or any number in mbox form (RFC 4155). Memory is bounded."""
    for number, header in enumerate(_headers(file), 1):
        fields = _fields(header)
        position = fields.get(POSITION.lower(), "")
        if SEAL.lower() in fields and position.isascii() and position.isdigit() and len(position) < 19:
            yield Said(
                f"{where}, mail {number}" if number > 1 else where,
                fields.get(CONVERSATION.lower(), ""),
                int(position),
                fields[SEAL.lower()].lower(),
                fields.get(SIGNATURE.lower(), ""),
            )


def held_against(said: Iterable[Said], conversation: str, seals: bytes, keys: Iterable[str]) -> Iterator[Heard]:
    """Each mail of this conversation against its chain: the seals of all entries, 32 octets each. Mails of others are passed over."""
    keys = list(keys)
    for one in said:
        if one.conversation == conversation:
            yield Heard(one, _signed(one, keys), _problem(one, seals))


def _problem(said: Said, seals: bytes) -> str:
    end = len(seals) // 32
    if not 0 < said.position <= end:
        return f"it names entry {said.position}; the transcript ends at entry {end}"
    kept = seals[32 * (said.position - 1) : 32 * said.position].hex()
    return "" if kept == said.seal else f"entry {said.position} or one before it is not the one that the mail was about"


def _signed(said: Said, keys: list[str]) -> Key | None:
    name = said.signature.partition(" ")[0]
    try:
        text = head_text(name, said.conversation, said.position, bytes.fromhex(said.seal))
        return signed_by(f"{text}\n— {said.signature}\n", keys)[1][0]
    except (BadNote, ValueError):
        return None


def _fields(header: list[bytes]) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in header:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text[:1] in (" ", "\t"):
            if name:
                found[name] = f"{found[name]} {text.strip()}".strip()
            continue
        name, _, value = text.partition(":")
        name = name.strip().lower()
        # The first of a name counts; what is written below it later was not written by us.
        if name.startswith("throughline-") and name not in found:
            found[name] = value.strip()
        else:
            name = ""
    return found


def _headers(file: BinaryIO) -> Iterator[list[bytes]]:
    header: list[bytes] = []
    inside, blank, held = True, True, 0
    while line := file.readline(_LINE):
        if blank and line.startswith(b"From "):
            if header and inside:
                yield header
            header, inside, held = [], True, 0
        elif inside and not line.strip():
            yield header
            header, inside = [], False
        elif inside and held < _HEADER:
            header.append(line)
            held += len(line)
        blank = not line.strip()
    if header and inside:
        yield header
