"""One walk over a conversation for its full record: the log of what was done, the files that belong to it, what is withheld or crossed out.

Knows no archive; memory is bounded by the number of files.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chat.ledger.event import Audience, Kind
from chat.ledger.read import Entry
from chat.transcripts.disclosure import GROUNDS_TOLD, ground
from chat.transcripts.mails import CROSSED_OUT, mail_of
from chat.transcripts.plain import inline
from chat.transcripts.transcript import Transcript
from chat.transcripts.wording import reading

TEAMS_OWN = "It belongs to a note of the team. Such files are named in the record, and handed out to the team alone."
MAIL = "message/rfc822"
_FILE = re.compile(r"attachments\.([0-9]{1,9})\Z")
_NOT_ON_WINDOWS = re.compile(r'[<>:"/\\|?*]')
_LONGEST = 100
"""Characters of a file's name, in which no alphabet needs more octets than a file system takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of one entry. `missing` says why it cannot be had; empty if it should be in the store."""

    path: str
    position: int
    index: int = 0
    name: str = ""
    media_type: str = ""
    size: int = 0
    digest: str = ""
    missing: str = ""


@dataclass(slots=True)
class Survey:
    """What was found, whole once `log` was walked to its end: mails, files, what is withheld (ground, count), what is crossed out."""

    transcript: Transcript
    mails: list[File] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    withheld: Counter[str] = field(default_factory=Counter)
    crossed_out: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)

    def log(self) -> Iterator[bytes]:
        """One line for each entry: number, time in UTC and in the reader's zone, what was done. What was said stands in the transcripts."""
        clock, case = self.transcript.clock, self.transcript.case_number
        head = clock.say("{case}: what was done, entry by entry. First the time in UTC, then in {zone}.", case=case, zone=clock.zone)
        yield f"{head}\n\n".encode()
        for entry in self.transcript.entries():
            self._look_at(entry)
            words = reading(entry, clock)
            told = [words.title, words.way if words.look == "message" else ""]
            told += [f"{label}: {value}" for label, value in words.facts]
            line = "; ".join(inline(part) for part in told if part)
            yield f"[{entry.position}] {clock.machine(entry.at)}  {clock.full(entry.at)}  {line}\n".encode()

    def _look_at(self, entry: Entry) -> None:
        why = ground(entry, self.transcript.audience)
        if why:
            self.withheld[GROUNDS_TOLD.get(why, why)] += 1
            return
        mail = mail_of(entry)
        if mail is not None:
            path, missing = f"mails/{mail.name}", mail.missing
            self.mails.append(File(path=path, position=mail.position, media_type=MAIL, digest=mail.digest, missing=missing))
        for name, value in entry.values.items():
            found = _FILE.match(name)
            if found and isinstance(value, dict):
                self.files.append(self._file(entry, int(found[1]), value))
        for name in entry.crossed_out:
            found = _FILE.match(name)
            if found:
                path = f"{_folder(entry)}/{entry.position}-{int(found[1])}"
                self.files.append(File(path=path, position=entry.position, index=int(found[1]), missing=CROSSED_OUT))
        if entry.crossed_out:
            self.crossed_out.append((entry.position, entry.crossed_out))

    def _file(self, entry: Entry, index: int, value: dict[str, Any]) -> File:
        name = str(value.get("name", ""))
        teams_own = self.transcript.audience is Audience.EVERYONE and entry.audience is Audience.AGENTS
        return File(
            path=f"{_folder(entry)}/{entry.position}-{index}-{safe_name(name)}",
            position=entry.position,
            index=index,
            name=name,
            media_type=str(value.get("media_type", "")),
            size=int(value.get("size") or 0),
            digest=str(value.get("digest", "")),
            missing=TEAMS_OWN if teams_own else "",
        )


def safe_name(name: str) -> str:
    """A name that every file system takes as one file and that reads as it is written: no folders, no control or direction signs."""
    bare = re.split(r"[\\/]", name)[-1]
    seen = "".join(
        c for c in unicodedata.normalize("NFC", bare) if unicodedata.category(c)[0] != "C" and unicodedata.category(c) not in ("Zl", "Zp")
    )
    seen = _NOT_ON_WINDOWS.sub("_", seen).strip(" .")
    if len(seen) > _LONGEST:
        stem, dot, ending = seen.rpartition(".")
        short = dot and len(ending) <= 10
        seen = f"{stem[: _LONGEST - len(ending) - 1].rstrip(' .')}.{ending}" if short else seen[:_LONGEST].rstrip(" .")
    return seen or "file"


def _folder(entry: Entry) -> str:
    return entry.body.files_in if isinstance(entry.body, Kind) else Kind.files_in
