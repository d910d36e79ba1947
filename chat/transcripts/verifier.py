"""Checks a saved conversation without those who saved it. One file, for a reader who trusts nobody; it knows nothing of our program.

    python3 verify.py FILE... [--key KEY] [--keys FILE] [--sig FILE]

FILE is a transcript as JSON, JSON Lines or PDF, or a full record (zip). Exit status: 0 it holds, 1 it does not, 2 it cannot be checked, or
not all of it, though a key was given: an archive without its signature.
Needs Python 3.9, and the package `cryptography` for signatures. Reads from the beginning to the end and keeps one entry in memory.

What was sealed, for each entry (NUL is one zero octet, all texts are UTF-8):
    field digest = SHA-256("throughline/1/field" NUL salt value)          the salt's 16 octets, the value as the text in `fields`
    body digest  = SHA-256("throughline/1/body" NUL digests)              the text of `digests`: JSON, each field's digest in hex
    seal         = SHA-256("throughline/1/seal" NUL header body-digest)   the text of `header`; its `prev` is the seal before
All that an entry shows must be what these texts say: nothing more, nothing less, nothing twice.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    del sys.path[0]  # the folder of this file: a json.py beside it would stand for Python's own

import argparse
import base64
import calendar
import codecs
import hashlib
import json
import mmap
import re
import struct
import zipfile
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

PIECE = 256 * 1024
SHORT = 20
"""Entries that are named one by one."""
LONGEST = 256 * 1024 * 1024
"""Characters of one entry, octets of a manifest: more is no record of a conversation."""
HEADER = {"v", "site", "conversation", "position", "kind", "kind_version", "actor", "channel", "audience", "disclose", "at", "key", "prev"}
LEFT_OUT = {"position", "at", "time", "utc", "left_out", "header", "digests", "seal"}
SHOWN = ("position", "at", "kind", "kind_version", "actor", "channel", "audience")
OPEN = LEFT_OUT - {"left_out"} | {*SHOWN, "sentence", "body", "crossed_out", "fields"}
CROSSING = {"privacy.crossed_out", "erasure.carried_out", "retention.carried_out"}
"""The kinds of entries that say what was crossed out."""
DISCLOSABLE = {("note.added", 1)}
"""The kinds of entries for the team that stand open where their header says so."""
COVERED = {"format", "version", "conversation", "upto", "seal", "proof", "entries"}
SENTENCE, NO_SENTENCE, FOR_THE_TEAM, DISCLOSED = "_sentence", "This entry is crossed out.", "team", "yes"
FORMAT = "throughline-transcript"
NOTHING = "This is nothing that can be checked here: a transcript as JSON, JSON Lines or PDF, or a full record."
MANIFEST, CONTENTS = "manifest.json", "conversations.json"
SYMBOLIC_LINK = 10
UTF8 = 0x800
EXTRAS = {1, 0x5455, 0x7875}
"""Sizes of 64 bits, times and owners (APPNOTE.TXT 4.5, 4.6): other extra fields give a member another name or content."""
FULL = 0xFFFFFFFF
"""A size that stands in 64 bits elsewhere."""
INCLUSION = "c2sp.org/tlog-proof@v1\n"
RECORDS = ("transcript.json", "transcript.jsonl", "transcript.pdf")
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?(?:Z|([+-])(\d\d):(\d\d)(?::(\d\d))?)\Z", re.ASCII)
_KEY = re.compile(r"[^\s+\"'<>]{1,255}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{1,64}={0,2}")
_NUMBER = re.compile(r"[0-9]{1,20}\Z")
_SPACE = re.compile(r"[ \t\r\n]*")


class Broken(Exception):
    """Something is not as it was sealed: `where` (an entry, a file) and what is wrong with it."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where, self.problem = where, problem


class Unreadable(Exception):
    """This is nothing that can be checked here; the sentence says why."""


class Unsigned(Unreadable):
    """An archive came without its signature, though a key was given. `lines` say what holds, and what nobody could check."""

    def __init__(self, beside: str, lines: list[str]) -> None:
        super().__init__(f"Its signature, {beside}, is not beside it.")
        self.lines = lines


# The chain of seals


@dataclass
class Chain:
    """Takes the entries of one conversation in order. Raises Broken at the first that does not hold."""

    position: int = 0
    seal: str = "0" * 64
    at: int = 0
    conversation: str = ""
    site: Any = None
    seals: bytearray = field(default_factory=bytearray)
    left_out: list[int] = field(default_factory=list)
    crossed_out: dict[int, set[str]] = field(default_factory=dict)
    """Fields that are gone; `said` holds those of them of which a later entry tells, and which entry that is."""
    said: dict[tuple[int, str], int] = field(default_factory=dict)
    files: dict[tuple[int, str], str] = field(default_factory=dict)
    """The sealed SHA-256 of each attachment, by position and index, and of each mail, by position and "mail"."""
    owed: set[tuple[int, str]] = field(default_factory=set)
    """Attachments that are for everyone: an archive has them, or says why not."""

    def take(self, entry: Any) -> None:
        self.position += 1
        try:
            self._take(entry)
        except Broken:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
            raise self._broken(f"it cannot be read ({type(problem).__name__})") from problem

    def finish(self, head: dict[str, Any]) -> None:
        """What the file says of itself must be what its entries say."""
        if not self.position:
            raise Broken("the file", "it holds no entries")
        if not _same(head.get("conversation"), self.conversation):
            raise Broken("the head", "it names another conversation than the entries")
        if not _same(head.get("upto"), self.position) or not _same(head.get("seal"), self.seal):
            raise self._broken(f"the file does not end with the entry and the seal that its head names ({head.get('upto')})")
        if self.left_out and head.get("audience") != "everyone":
            raise Broken(f"entry {self.left_out[0]}", "it is left out of a file that says that it holds everything")
        for position, names in self.crossed_out.items():
            for name in sorted(names):
                if (position, "" if name == SENTENCE else name) not in self.said:
                    raise Broken(f"entry {position}", f"its field {name!r} was taken out, and no entry says that it was crossed out")

    def _take(self, entry: dict[str, Any]) -> None:
        header, digests = _sealed.decode(entry["header"]), _sealed.decode(entry["digests"])
        if canonical(header) != entry["header"] or canonical(digests) != entry["digests"]:
            raise self._broken("its header or its digests are not written as they are sealed")
        if header.get("v") != 1:
            raise Unreadable(f"Entry {self.position} is sealed in a form ({header.get('v')!r}) that this program is too old for.")
        if set(header) != HEADER or not _NUMBER.match(header["conversation"]):
            raise self._broken("its header has not the parts of a header")
        if header["position"] != self.position:
            raise self._broken(f"it is missing; entry {header['position']} stands in its place")
        if header["prev"] != self.seal:
            raise self._broken("it does not follow from the entry before")
        if self.position == 1:
            self.conversation, self.site = header["conversation"], header["site"]
        if (header["conversation"], header["site"]) != (self.conversation, self.site):
            raise self._broken("it belongs to another conversation")
        if header["at"] <= self.at:
            raise self._broken("its time is not after that of the entry before")
        body = hashlib.sha256(b"throughline/1/body\0" + entry["digests"].encode()).digest()
        seal = hashlib.sha256(b"throughline/1/seal\0" + entry["header"].encode() + body).hexdigest()
        if entry["seal"] != seal:
            raise self._broken("its seal does not follow from its content")
        self._shown(entry, header)
        if "left_out" in entry:
            self._is_left_out(entry, header)
        else:
            self._is_open(entry, digests)
        self.seal, self.at = seal, header["at"]
        self.seals += bytes.fromhex(seal)

    def _shown(self, entry: dict[str, Any], header: dict[str, Any]) -> None:
        if unknown := entry.keys() - (LEFT_OUT if "left_out" in entry else OPEN):
            raise self._broken(f"it holds {min(unknown)!r}, which was not sealed")
        for name in SHOWN if "left_out" not in entry else SHOWN[:2]:
            if not _same(entry[name], header[name]):
                raise self._broken(f"its {name!r} is not the sealed one")
        for name in ("time", "utc"):
            if name in entry and _micros(entry[name]) // 1000 != header["at"] // 1000:
                raise self._broken(f"its {name!r} is not the sealed time")

    def _is_left_out(self, entry: dict[str, Any], header: dict[str, Any]) -> None:
        if header["audience"] == "everyone":
            raise self._broken("it is left out, though its header says that it is for everyone")
        ground = header["disclose"] if (header["kind"], header["kind_version"]) in DISCLOSABLE else FOR_THE_TEAM
        if entry["left_out"] != ground or ground == DISCLOSED:
            raise self._broken("the ground on which it is left out is not the sealed one")
        self.left_out.append(self.position)

    def _is_open(self, entry: dict[str, Any], digests: dict[str, str]) -> None:
        fields = entry["fields"]
        if fields.keys() != digests.keys():
            raise self._broken("a field was added or removed")
        values, gone = [], []
        for name in sorted(fields):
            if fields[name] is None:
                gone.append(name)
                continue
            salt, value = bytes.fromhex(fields[name]["salt"]), fields[name]["value"]
            digest = hashlib.sha256(b"throughline/1/field\0" + salt + value.encode()).hexdigest()
            if digest != digests[name] or len(fields[name]) != 2 or len(salt) != 16 or salt.hex() != fields[name]["salt"]:
                raise self._broken(f"the field {name!r} was changed")
            values.append(f'"{name}":{value}')
        read = {**entry["body"], **({} if SENTENCE in gone else {SENTENCE: entry["sentence"]})}
        if SENTENCE in entry["body"] or canonical(read) != "{" + ",".join(values) + "}":
            raise self._broken("it reads differently from what was sealed")
        if SENTENCE not in fields or (SENTENCE in gone and entry["sentence"] != NO_SENTENCE):
            raise self._broken("its sentence is not the sealed one")
        if entry["crossed_out"] != [name for name in gone if name != SENTENCE]:
            raise self._broken("the list of what was crossed out is not that of the fields")
        if gone:
            self.crossed_out[self.position] = set(gone)
        self._remember(entry["body"], entry["kind"], entry["audience"])

    def _remember(self, body: dict[str, Any], kind: str, audience: str) -> None:
        if kind in CROSSING:
            many = body.get("entries")
            for of, names in [(body.get("of"), body.get("fields")), *(many.items() if isinstance(many, dict) else ())]:
                position = int(of) if _NUMBER.match(str(of)) else 0
                if position in self.crossed_out and isinstance(names, list):
                    self.said.update({(position, name): self.position for name in ["", *names] if isinstance(name, str)})
        for name, value in body.items():
            _, dot, index = name.rpartition(".")
            if dot and index.isdecimal() and isinstance(value, dict) and "digest" in value:
                self.files[self.position, str(int(index))] = value["digest"]
                self.owed.update([(self.position, str(int(index)))] if audience == "everyone" else [])
        if "original" in body:
            self.files[self.position, "mail"] = body["original"]

    def _broken(self, problem: str) -> Broken:
        return Broken(f"entry {self.position}", problem)


def canonical(value: Any) -> str:
    """JSON as in RFC 8785, as far as it can be sealed."""
    return _encoder.encode(value)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _micros(text: str) -> int:
    found = _TIME.match(text)
    if not found:
        raise ValueError("not a time")
    sign, offset = -1 if found[8] == "-" else 1, [int(part or 0) for part in found.group(9, 10, 11)]
    seconds = calendar.timegm(tuple(map(int, found.group(1, 2, 3, 4, 5, 6)))) - sign * (offset[0] * 3600 + offset[1] * 60 + offset[2])
    return seconds * 1_000_000 + int(found[7] or 0) * 1000


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _no(text: str) -> Any:
    raise ValueError(f"{text} cannot be sealed")


_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
_sealed = json.JSONDecoder(parse_float=_no, parse_constant=_no)
_entries = json.JSONDecoder(parse_float=_no, parse_constant=_no, object_pairs_hook=_once)
_head = json.JSONDecoder(parse_constant=_no, object_pairs_hook=_once)


# Reading JSON in pieces


class Values:
    """One JSON value after another out of pieces of UTF-8; holds the one that is read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._decode = iter(pieces), codecs.getincrementaldecoder("utf-8")().decode
        self._text, self._at, self._ended = "", 0, False

    def next(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]  # it always matches
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def take(self, *wanted: str) -> str:
        found = self.next()
        if found not in wanted:
            raise ValueError(f"{found!r} stands where {' or '.join(wanted)} should" if found else "it ends too early")
        self._at += 1
        return found

    def value(self, decoder: json.JSONDecoder) -> Any:
        self.next()
        while True:
            try:
                found, end = decoder.raw_decode(self._text, self._at)
                if end < len(self._text) or not self._more():
                    self._at = end
                    return found
            except json.JSONDecodeError as problem:
                cut = problem.msg.startswith("Unterminated string") or problem.pos > len(self._text) - 16
                if not cut or not self._more():
                    raise

    def _more(self) -> bool:
        """Reads on, by as much as waits already: so that a long value is not begun again too often."""
        self._text, self._at = self._text[self._at :], 0
        before = len(self._text)
        while len(self._text) <= 2 * before and not self._ended:
            piece = next(self._pieces, b"")
            self._ended = not piece
            self._text += self._decode(piece, not piece)
        if len(self._text) > LONGEST:
            raise ValueError("it is too long")
        return len(self._text) > before


def record(pieces: Iterable[bytes]) -> tuple[dict[str, Any], Chain]:
    """Reads and checks a transcript as JSON or JSON Lines: its head and its chain. Raises Broken or Unreadable."""
    values, chain = Values(pieces), Chain()
    head: dict[str, Any] = {}
    try:
        _read(values, head, chain)
    except (ValueError, RecursionError) as problem:
        if head.get("format") not in (FORMAT, f"{FORMAT}-lines"):
            raise Unreadable(NOTHING) from problem
        raise Broken(f"entry {chain.position + 1}", f"from here on the file cannot be read: {problem}") from problem
    chain.finish(head)
    return head, chain


def _read(values: Values, head: dict[str, Any], chain: Chain) -> None:
    entries = False
    values.take("{")
    while True:
        name = str(values.value(_head))
        values.take(":")
        if name in head or (entries and name == "entries"):
            raise ValueError(f"{name!r} stands there twice")
        if name == "entries":
            entries = True
            _read_list(values, chain)
        else:
            head[name] = values.value(_head)
        if values.take(",", "}") == "}":
            break
    if head.get("format") != (FORMAT if entries else f"{FORMAT}-lines") or head.get("version") != 1:
        raise Unreadable(f"This is no transcript that this program knows (format {head.get('format')!r}, version {head.get('version')!r}).")
    last: dict[str, Any] = {}
    while not entries and "end" not in last and values.next():
        last = values.value(_entries)
        if "end" not in last:
            chain.take(last)
    if not entries and "end" not in last:
        raise Broken(f"entry {chain.position}", "the file ends after it, without its last line")
    for name in last.keys() - {"end"}:
        if not _same(head.setdefault(name, last[name]), last[name]):
            raise Broken("the last line", f"its {name!r} is not that of the head")
    if values.next():
        raise Broken("the end", "something stands behind it")


def _read_list(values: Values, chain: Chain) -> None:
    values.take("[")
    if values.next() == "]":
        values.take("]")
        return
    while True:
        chain.take(values.value(_entries))
        if values.take(",", "]") == "]":
            return


# Signatures: C2SP signed notes, https://c2sp.org/signed-note


@dataclass(frozen=True)
class Key:
    """An Ed25519 verifier key, written `name+id+base64(0x01 public key)`."""

    name: str
    id: bytes
    public: bytes

    @classmethod
    def read(cls, text: str) -> Key:
        name, _, rest = text.strip().partition("+")
        hexed, _, encoded = rest.partition("+")
        octets = _octets(encoded)
        key = cls(name, hashlib.sha256(name.encode() + b"\n" + octets).digest()[:4], octets[1:])
        if not name or len(octets) != 33 or octets[0] != 1 or key.id.hex() != hexed:
            raise Unreadable(f"{text[:100]} is no key; one looks like name+id+key.")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}"


@dataclass
class Signed:
    """Whom to believe: the keys that were given, or else those that the file carries; and what they turned out to have signed."""

    given: list[Key]
    lines: list[str] = field(default_factory=list)

    def check(self, what: str, note: str, carried: Iterable[str], rest: tuple[str, str, str]) -> None:
        """The note's three lines must be `rest`: a pattern that follows the name of its key, a number, base64. Raises Broken."""
        keys = self.given or [Key.read(text) for text in carried]
        text, signers = _opened(what, note, keys)
        for key in signers:
            if not re.fullmatch(f"{re.escape(key.name)}/{rest[0]}\n{rest[1]}\n{re.escape(rest[2])}\n", text):
                raise Broken(what, "what was signed is not this: it is another conversation, position, size or digest")
            self.lines.append(f"{what[0].upper()}{what[1:]} is good: {key}, " + (GIVEN if self.given else CARRIED))

    def absent(self, what: str) -> None:
        if self.given:
            raise Broken(what, "there is none, so nothing shows that a key that you gave signed this")
        self.lines.append(f"There is no {what[4:]}: whoever gave you this file could have made it up from its first entry.")


GIVEN = "a key that you gave."
CARRIED = "a key out of the file itself: it shows who signed only if you know this key from elsewhere."


def _opened(what: str, note: str, keys: list[Key]) -> tuple[str, list[Key]]:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    text, blank, block = note.rpartition("\n\n")
    rows = [re.fullmatch("\u2014 ([^\\s+]+) ([A-Za-z0-9+/]+=*)", row) for row in block[:-1].split("\n")]
    if not blank or not block.endswith("\n") or None in rows or len(rows) > 64 or re.search(r"[\x00-\x09\x0b-\x1f]", note):
        raise Broken(what, "it is no signed note")
    text += "\n"
    signers = []
    for row in rows:
        octets = _octets(row[2]) if row else b""
        for key in keys:
            if row and (key.name, key.id) == (row[1], octets[:4]):
                try:
                    Ed25519PublicKey.from_public_bytes(key.public).verify(octets[4:], text.encode())
                except (InvalidSignature, ValueError) as problem:
                    raise Broken(what, f"{key} did not sign this text") from problem
                signers.append(key)
    if not signers:
        raise Broken(what, "it was made by none of the keys that are believed here: " + (", ".join(map(str, keys)) or "there are none"))
    return text, signers


def _octets(encoded: str) -> bytes:
    """Base64 in its one spelling; empty for anything else."""
    try:
        octets = base64.b64decode(encoded, validate=True)
    except ValueError:
        return b""
    return octets if base64.b64encode(octets).decode() == encoded else b""


def _head_note(head: dict[str, Any], chain: Chain, signed: Signed) -> None:
    proof = head.get("proof")
    if not isinstance(proof, dict) or not proof.get("note"):
        return signed.absent("the signature of the last seal")
    seal = base64.b64encode(bytes.fromhex(chain.seal)).decode()
    wanted = (f"conversation/{chain.conversation}", str(chain.position), seal)
    signed.check("the signature of the last seal", str(proof["note"]), _carried(proof), wanted)


def _carried(proof: dict[str, Any]) -> list[str]:
    keys = proof.get("keys")
    return [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []


def _inclusion(what: str, proof: str, chain: Chain, carried: Iterable[str], signed: Signed) -> None:
    """The conversation stood in a signed list of all conversations (c2sp.org/tlog-proof, RFC 6962 section 2.1.1)."""
    above, _, note = proof.partition("\n\n")
    lines = above.split("\n")[1:]
    path = [_octets(line) for line in lines[2:]]
    try:
        leaf, index, size = _octets(lines[0][len("extra ") :]), int(lines[1][len("index ") :]), int(note.split("\n")[1])
        conversation, position = int.from_bytes(leaf[:8], "big"), int.from_bytes(leaf[8:16], "big")
    except (ValueError, IndexError) as problem:
        raise Broken(what, "it cannot be read") from problem
    seal = bytes(chain.seals[32 * (position - 1) : 32 * position])
    if str(conversation) != chain.conversation or len(leaf) != 48 or leaf[16:] != seal:
        raise Broken(what, "it is about another conversation, or about another seal at this position")
    node, last = hashlib.sha256(b"\0" + leaf).digest(), size - 1
    for beside in path:
        if len(beside) != 32 or not 0 <= index <= last or not last:
            raise Broken(what, "its path does not lead to the root")
        pair = beside + node if index & 1 or index == last else node + beside
        node = hashlib.sha256(b"\1" + pair).digest()
        while index == last and index and not index & 1:
            index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1
    if last or index or size < 1:
        raise Broken(what, "its path does not lead to the root")
    wanted = ("checkpoint", str(size), base64.b64encode(node).decode())
    signed.check(f"the checkpoint over all conversations ({size}), this one up to entry {position},", note, carried, wanted)


# The kinds of files


def attached(octets: Any) -> Iterator[bytes]:
    """The one file that is attached to a PDF, unpacked in pieces. `octets` may be a mapped file. Raises Broken or Unreadable.

    A PDF is read as strictly as we write it (ISO 32000-2, 7.5.4): one table of objects, nothing added later. Else programs would find
    different files in it.
    """
    paper = Paper(octets)
    holders = [words for words in paper.suspects() if b"/EF" in words]
    if not holders:
        raise Unreadable("This PDF has no transcript attached.")
    if len(holders) > 1 or holders[0].count(b"/EF") > 1 or b"/RF" in holders[0]:
        raise Broken("the PDF", "it has more than one file attached, so that it is not sure which one a reader sees")
    found = _ATTACHED.match(b" ".join(holders[0][holders[0].index(b"/EF") :]))
    if not found or found[2] not in (None, found[1]):
        raise Broken("the PDF", "it is not sure which attached file a reader sees")
    words, at = paper.object(int(found[1]))
    about = b" ".join(words)
    length = re.search(rb"/Length (\d{1,12})(?! \d+ R)", about)
    if not length or not at or b"/F" in words or b"/DecodeParms" in words or (b"/Filter" in words) > (b"/Filter /FlateDecode" in about):
        raise Broken("the PDF", "the attached file is not packed as we pack it")
    end = at + int(length[1])
    if not re.compile(rb"\r?\n?endstream\s+endobj").match(octets, end):
        raise Broken("the PDF", "the attached file does not end where it should")
    pieces = (bytes(octets[here : min(here + PIECE, end)]) for here in range(at, end, PIECE))
    yield from _inflated(pieces) if b"/Filter" in words else pieces


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    unpack = zlib.decompressobj()
    try:
        for piece in pieces:
            while piece and not unpack.eof:
                if unpacked := unpack.decompress(piece, PIECE):
                    yield unpacked
                piece = unpack.unconsumed_tail
            if piece or unpack.unused_data:
                raise Broken("the PDF", "something stands behind the attached file")
    except zlib.error as problem:
        raise Broken("the PDF", "the attached file cannot be unpacked") from problem
    if not unpack.eof:
        raise Broken("the PDF", "the attached file is cut off")


class Paper:
    """The objects of a PDF, by the one table at its end."""

    def __init__(self, octets: Any) -> None:
        self._octets = octets
        end = re.compile(rb"startxref\s+(\d{1,15})\s+%%EOF\s*\Z").search(octets, max(0, len(octets) - 64))
        table = re.compile(rb"xref\s+0 (\d{1,9}) ?\r?\n").match(octets, int(end[1])) if end else None
        if not end or not table:
            raise Unreadable("This PDF is not as we write it, so that programs may read it in different ways.")
        rows = bytes(octets[table.end() : table.end() + 20 * int(table[1])])
        if re.search(rb"/Prev|/XRef|#", octets[table.end() + len(rows) : end.start()]):
            raise Broken("the PDF", "something was added to it after it was made")
        self._at = array("Q", bytes(8 * int(table[1])))
        for number in range(int(table[1])):
            row = _ROW.match(rows, 20 * number)
            if not row:
                raise Broken("the PDF", "its table of objects cannot be read")
            if row[2] == b"n":
                self._at[number] = int(row[1])
                if not re.compile(rb"%d 0 obj\b" % number).match(octets, int(row[1])):
                    raise Broken("the PDF", "its objects are not where its table says")
        self._ends = array("Q", sorted({*self._at, int(end[1])} - {0}))

    def object(self, number: int) -> tuple[list[bytes], int]:
        """The words of an object without its texts, and where its stream begins; 0 if it has none."""
        at = self._at[number] if number < len(self._at) else 0
        if not at:
            raise Broken("the PDF", "an object in it is missing")
        words: list[bytes] = []
        deep = 0
        for found in _WORD.finditer(self._octets, at, self._ends[bisect_right(self._ends, at)]):
            deep += {b"(": 1, b")": -1}.get(found[0], 0)
            if deep < 0 or (not deep and found[0] == b"%"):
                raise Broken("the PDF", "an object in it can be read in different ways")
            if not deep and found[0].startswith(b"stream"):
                return words, found.end()
            if not deep:
                words.append(found[0])
        return words, 0

    def suspects(self) -> Iterator[list[bytes]]:
        """The words of each object that may name an attached file, or hide others."""
        numbers = {at: number for number, at in enumerate(self._at) if at}
        places = {self._ends[bisect_right(self._ends, found.start()) - 1] for found in _SUSPECT.finditer(self._octets, self._ends[0])}
        for at in sorted(places & numbers.keys()):
            words, _ = self.object(numbers[at])
            if any(word in (b"/ObjStm", b"/XRef") or _DISGUISED.match(word) for word in words):
                raise Broken("the PDF", "objects in it are packed or disguised, so that programs may read it in different ways")
            yield words


_ROW = re.compile(rb"(\d{10}) \d{5} ([nf])[ \r][\r\n]")
_WORD = re.compile(rb"\\.|[()%]|<<|>>|<[^<>]*>|stream\r?\n|/?[^\s()<>\[\]{}/%\\]+|[\[\]]", re.DOTALL)
_SUSPECT = re.compile(rb"/(?:[ER]F|ObjStm|XRef|[^\s()<>\[\]{}/%]{0,32}#(?:4[0-9A-F]|5[0-9A]|6[0-9A-F]|7[0-9A]))", re.IGNORECASE)
_DISGUISED = re.compile(rb"/[^#]*(?:#[^#]{2}[^#]*)*#(?:4[0-9A-F]|5[0-9A]|6[0-9A-F]|7[0-9A])", re.IGNORECASE)
_ATTACHED = re.compile(rb"/EF << /F (\d{1,9}) 0 R (?:/UF (\d{1,9}) 0 R )?>>")


@dataclass
class Archive:
    """One folder of an archive: a full record with its manifest. `prefix` is empty if it is all of the archive."""

    zip: zipfile.ZipFile
    prefix: str
    manifest: dict[str, Any] = field(default_factory=dict)
    listed: dict[str, dict[str, Any]] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    keys: list[str] = field(default_factory=list)
    """The verifier keys that the record itself carries."""

    def check(self, signed: Signed) -> list[str]:
        """What was found, in sentences. Raises Broken or Unreadable."""
        self._files()
        found: list[tuple[dict[str, Any], Chain]] = []
        for name in RECORDS:
            if name in self.present:
                with self.zip.open(self.prefix + name) as file:
                    found.append(self._record(name, file))
        if not found:
            raise Broken(self.prefix + MANIFEST, "it lists no transcript that can be checked")
        head, chain = found[0]
        self._attachments(chain)
        proof = dict(head["proof"]) if isinstance(head.get("proof"), dict) else {}
        if "proof/keys.json" in self.present:
            self.keys += _KEY.findall(self._text("proof/keys.json"))
        self.keys += [key for key in _carried(proof) if key not in self.keys]
        if "proof/head.note" in self.present:
            proof["note"] = self._text("proof/head.note")
        _head_note({"proof": {**proof, "keys": self.keys}}, chain, signed)
        for name in sorted(self.present):
            if name.startswith("proof/") and self._text(name, 64).startswith(INCLUSION):
                _inclusion(self.prefix + name, self._text(name), chain, self.keys, signed)
        lines = [f"{len(self.present)} files are those that the manifest lists, and the files that were sent are those that were sealed."]
        lines += [f"Missing: {name}. {entry['missing']}" for name, entry in self.listed.items() if "missing" in entry]
        return [*_told(head, chain), *lines]

    def unsealed(self) -> list[str]:
        """Files that only the manifest lists: nothing of theirs is sealed."""
        pages = {"transcript.pdf": " (its pages)"}
        known = ("transcript.json", "transcript.jsonl", "proof/head.note", "proof/keys.json")
        names = [name for name in sorted(self.present) if name not in known and not name.startswith(_OF_ENTRIES)]
        return [f"{self.prefix}{name}{pages.get(name, '')}" for name in names]

    def _text(self, name: str, most: int = 1024 * 1024) -> str:
        with self.zip.open(self.prefix + name) as file:
            return file.read(most).decode(errors="replace")

    def _files(self) -> None:
        try:
            with self.zip.open(self.prefix + MANIFEST) as file:
                self.manifest = _head.decode(file.read(LONGEST).decode())
            self.listed = {entry["name"]: entry for entry in self.manifest["files"]}
            if not all(isinstance(text, str) for name, entry in self.listed.items() for text in (name, entry.get("missing", ""))):
                raise ValueError("a name is a text")
        except (*_UNPACKING, KeyError, TypeError, AttributeError) as problem:
            raise Broken(self.prefix + MANIFEST, "it cannot be read") from problem
        if (self.manifest.get("format"), self.manifest.get("version")) != ("throughline-full-record", 1):
            raise Unreadable("This archive is no full record that this program knows.")
        self.present = {name[len(self.prefix) :] for name in self.zip.namelist() if name.startswith(self.prefix)} - {MANIFEST}
        if len(self.listed) < len(self.manifest["files"]):
            raise Broken(self.prefix + MANIFEST, "it lists a file twice")
        for name in sorted(self.present | self.listed.keys()):
            entry = self.listed.get(name, {})
            if (name in self.present) != ("sha256" in entry) or ("missing" in entry) == ("sha256" in entry):
                raise Broken(self.prefix + name, "the archive and its manifest do not agree whether it is there")
            if name in self.present and self._digest(name) != (entry.get("size"), entry["sha256"]):
                raise Broken(self.prefix + name, "it is not the file that the manifest lists: its size or its SHA-256 is another")

    def _digest(self, name: str) -> tuple[int, str]:
        size, digest = 0, hashlib.sha256()
        try:
            with self.zip.open(self.prefix + name) as file:
                for piece in iter(lambda: file.read(PIECE), b""):
                    size += len(piece)
                    digest.update(piece)
        except _UNPACKING as problem:
            raise Broken(self.prefix + name, "it cannot be unpacked") from problem
        return size, digest.hexdigest()

    def _record(self, name: str, file: IO[bytes]) -> tuple[dict[str, Any], Chain]:
        try:
            head, chain = record(attached(file.read(LONGEST)) if name.endswith(".pdf") else iter(lambda: file.read(PIECE), b""))
        except Broken as broken:
            raise Broken(f"{self.prefix}{name}, {broken.where}", broken.problem) from broken
        said = {"conversation": chain.conversation, "upto": chain.position, "seal": chain.seal, "audience": head.get("audience")}
        for part, value in said.items():
            if not _same(self.manifest.get(part), value):
                raise Broken(self.prefix + name, f"its {part!r} is not that of the manifest")
        return head, chain

    def _attachments(self, chain: Chain) -> None:
        """Files that were sent are sealed with their entries; the manifest alone would show nothing."""
        owed = set(chain.owed)
        for name, entry in self.listed.items():
            found = _SENT.match(name)
            place = (int(found[1] or found[3]), str(int(found[2])) if found[2] else "mail") if found else (0, "")
            if name.startswith(_OF_ENTRIES) and "sha256" in entry and entry["sha256"] != chain.files.get(place):
                raise Broken(self.prefix + name, "no entry has sealed this file")
            owed.discard(place)
        for position, index in sorted(owed):
            raise Broken(f"entry {position}", f"its file {int(index) + 1} is neither in the archive nor listed as missing")


_OF_ENTRIES = ("attachments/", "recordings/", "mails/")
_SENT = re.compile(r"(?:attachments|recordings)/(\d{1,9})-(\d{1,9})(?:-|\Z)|mails/(\d{1,9})-(?:received|sent)\.eml\Z")
_UNPACKING = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, OSError, ValueError)


def _members(file: IO[bytes], archive: zipfile.ZipFile) -> None:
    """The archive is its members, one behind the other, and their directory. Programs read what lies elsewhere in different ways."""
    end, names = 0, set()
    for info in sorted(archive.infolist(), key=lambda each: each.header_offset):
        name, at = info.filename, info.header_offset
        if at != end:
            raise Broken(name if end else "the archive", "something stands before it that its directory does not list")
        out = name.startswith("/") or "\\" in name or ".." in name.split("/")
        if out or name in names or info.is_dir() or info.external_attr >> 28 == SYMBOLIC_LINK:
            raise Broken(name, "it stands there twice, or its name leads out of the archive, or it is no plain file")
        names.add(name)
        if info.flag_bits & 8:
            raise Broken(name, "its size stands behind it, where programs look for it in different ways")
        file.seek(at)
        local = struct.unpack("<4s2HH4xLLLHH", file.read(30))
        own, extra = file.read(local[7]), file.read(local[8])
        end = at + 30 + local[7] + local[8] + info.compress_size
        sizes = (info.compress_size, info.file_size)
        if local[5:7] == (FULL, FULL) and extra == struct.pack("<HHQQ", 1, 16, *reversed(sizes)):
            sizes = (FULL, FULL)
        named = own == name.encode("utf-8" if info.flag_bits & UTF8 else "cp437")
        if not named or local[2:7] != (info.flag_bits, info.compress_type, info.CRC, *sizes) or _extras(extra + info.extra) - EXTRAS:
            raise Broken(name, "what stands before it is not what the directory of the archive says of it")
    size = file.seek(0, 2)
    file.seek(size - 22)
    last = file.read()
    if archive.start_dir != end or not last.startswith(b"PK\5\6") or not last.endswith(b"\0\0"):
        raise Broken("the archive", "something stands behind its members or behind it")


def _extras(octets: bytes) -> set[int]:
    found, at = set(), 0
    while at + 4 <= len(octets):
        one, length = struct.unpack_from("<HH", octets, at)
        found.add(one)
        at += 4 + length
    return found


# The command


WHOLE = "Nothing here was changed since it was sealed"
PAPER = "The transcript attached to it was not changed since it was sealed"
PARTLY = "The transcripts as data in it, and the files that were sent, were not changed since they were sealed"


def check(path: Path, given: list[Key], sig: Path | None = None) -> list[str]:
    """Checks one file and says what was found, in sentences, the first for all. Raises Broken, Unreadable, Unsigned or OSError."""
    signed = Signed(given)
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        if start == b"PK\3\4":
            return _archive(path, file, signed, sig)
        if start == b"%PDF":
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
                head, chain = record(attached(octets))
            lines = [PAPER, "Checked is the transcript that is attached to the PDF. Its printed pages are not sealed."]
        else:
            head, chain = record(iter(lambda: file.read(PIECE), b""))
            lines = [WHOLE]
    _head_note(head, chain, signed)
    return [lines[0], *_told(head, chain), *lines[1:], *signed.lines]


def _archive(path: Path, file: IO[bytes], signed: Signed, sig: Path | None) -> list[str]:
    try:
        archive = zipfile.ZipFile(file)
        _members(file, archive)
    except _UNPACKING as problem:
        raise Broken("the archive", f"it cannot be opened: {problem}") from problem
    with archive:
        names = archive.namelist()
        folders = [name[: -len(MANIFEST)] for name in names if name == MANIFEST or (name.endswith(f"/{MANIFEST}") and name.count("/") == 1)]
        loose = [name for name in names if not name.startswith(tuple(folders))]
        if not folders:
            raise Unreadable("This archive is no full record: it has no manifest.")
        if astray := [name for name in loose if "/" in name]:
            raise Broken(astray[0], "it belongs to none of the records in the archive")
        records = [Archive(archive, folder) for folder in folders]
        lines = [line for one in records for line in one.check(signed)]
        if "" in folders[1:] or (folders[0] == "" and len(folders) > 1):
            raise Broken(MANIFEST, "there is a record within the record")
        if folders != [""]:
            _contents(archive, [folder[:-1] for folder in folders])
        if loose:
            lines.append(f"Beside the records, and not sealed: {', '.join(sorted(loose))}.")
    beside = sig or path.with_name(path.name + ".sig")
    if not sig and not beside.exists():
        unsealed = _named([name for one in records for name in one.unsealed()])
        open_ = "what is only for reading in it was NOT checked, and could have been changed together with the manifest"
        lines += [*signed.lines, f"There is no signature of the whole archive: {open_}: {unsealed}."]
        if signed.given:
            raise Unsigned(beside.name, lines)
        return [PARTLY, *lines]
    file.seek(0)
    digest = hashlib.sha256()
    for piece in iter(lambda: file.read(PIECE), b""):
        digest.update(piece)
    about = f"full-record/{records[0].manifest['conversation']}" if folders == [""] else r"everything/\d+"
    wanted = (about, str(file.tell()), base64.b64encode(digest.digest()).decode())
    carried = [key for one in records for key in one.keys]
    signed.check("the signature of the whole archive", beside.read_text(encoding="utf-8"), carried, wanted)
    return [WHOLE, *lines, *signed.lines]


def _contents(archive: zipfile.ZipFile, folders: list[str]) -> None:
    """An archive of several records lists them, so that none can be taken out unseen."""
    try:
        listed = _head.decode(archive.read(CONTENTS).decode())["conversations"]
        same = sorted(one["folder"] for one in listed if "folder" in one) == sorted(folders)
    except (*_UNPACKING, KeyError, TypeError, AttributeError) as problem:
        raise Broken(CONTENTS, "it cannot be read") from problem
    if not same:
        raise Broken(CONTENTS, "the records that it lists are not those in the archive")


def _told(head: dict[str, Any], chain: Chain) -> list[str]:
    whole = f"{chain.position} entries of conversation {chain.conversation}, each sealed to the one before"
    lines = [f"{whole}; the last seal is {chain.seal}."]
    if chain.left_out:
        lines.append(f"For the team only, here by their seals: entries {_some(chain.left_out)}.")
    for position, names in list(chain.crossed_out.items())[:SHORT]:
        said = {chain.said[position, "" if name == SENTENCE else name] for name in names}
        gone = ", ".join(sorted(names - {SENTENCE})) or "its sentence"
        lines.append(f"Crossed out: {gone} of entry {position}; entry {_some(sorted(said))} says who did it and why.")
    if len(chain.crossed_out) > SHORT:
        lines.append(f"Crossed out in the same way: {len(chain.crossed_out) - SHORT} entries more.")
    labels = sorted(head.keys() - COVERED)
    return [*lines, f"Not sealed, only written above the entries: {_named(labels)}."] if labels else lines


def _named(names: list[str]) -> str:
    """Names, in letters that look like no others."""
    return ", ".join(name if name.isascii() else json.dumps(name) for name in names)


def _some(positions: list[int]) -> str:
    more = f" and {len(positions) - SHORT} more" if len(positions) > SHORT else ""
    return ", ".join(map(str, positions[:SHORT])) + more


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="verify", description="Check saved conversations: was anything changed since it was sealed?")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a transcript (JSON, JSON Lines, PDF) or a full record (zip)")
    parser.add_argument("--key", action="append", default=[], help="a key (name+id+key) that you know from elsewhere")
    parser.add_argument("--keys", type=Path, action="append", default=[], help="a file of keys, as /.well-known/throughline-keys.json")
    parser.add_argument("--sig", type=Path, help="the signature of the archive; FILE.sig if left out")
    options = parser.parse_args(arguments)
    getattr(sys.stdout, "reconfigure", dict)(errors="backslashreplace")
    return max(_report(path, options) for path in options.files)


def _report(path: Path, options: argparse.Namespace) -> int:
    try:
        keys = [*options.key, *(key for file in options.keys for key in _KEY.findall(file.read_text(encoding="utf-8")))]
        if options.keys and not keys:
            raise Unreadable("There are no keys in the file of keys.")
        (first, *lines), status = check(path, [Key.read(key) for key in keys], options.sig), 0
        first = f"{first[0].lower()}{first[1:]}. Checked by this program, on this machine."
    except Broken as broken:
        first, lines, status = f"NOT as it was sealed. {broken}.", [], 1
    except Unsigned as unsigned:
        first, lines, status = f"checked in part. {unsigned} Checked by this program, on this machine.", unsigned.lines, 2
    except OSError as problem:
        first, lines, status = f"cannot be read: {problem.strerror or problem}.", [], 2
    except (Unreadable, ImportError, UnicodeDecodeError) as problem:
        first, lines, status = f"cannot be checked. {problem}", [], 2
    for line in [f"{path}: {first}", *(f"  {line}" for line in lines)]:
        print("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line))
    return status


if __name__ == "__main__":
    sys.exit(main())
