"""Everything about one person: all their conversations in one zip, a full record in a folder each. Knows no person and no page."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from django.conf import settings

from chat.ledger import overview
from chat.ledger.append import NoSuchConversation
from chat.ledger.event import Audience
from chat.transcripts.clock import Clock, known_zone
from chat.transcripts.language import known
from chat.transcripts.plain import inline
from chat.transcripts.prepared import Wanted
from chat.transcripts.readme import WIDTH, moment
from chat.transcripts.record import record
from chat.transcripts.survey import safe_name
from chat.transcripts.transcript import transcript_of
from chat.transcripts.zipped import Zip, packed

FORMAT, VERSION = "throughline-everything", 1
NAME = "everything.zip"
GONE = "It is not kept any more."
REASONS = {"gone": GONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What the archive is made of: the same contents give the same octets, unless something is crossed out meanwhile."""

    conversations: tuple[tuple[int, int], ...]
    """Conversations, each up to a position."""
    made_at: int
    """Microseconds since 1970."""
    audience: str = Audience.EVERYONE.value
    zone: str = ""
    language: str = ""

    @classmethod
    def read(cls, stored: str, *, made_at: int) -> Contents:
        values = orjson.loads(stored)
        return cls(**{**values, "conversations": tuple((int(one), upto) for one, upto in values["conversations"])}, made_at=made_at)

    def stored(self) -> dict[str, Any]:
        """For `read`, without the time."""
        values = asdict(self)
        del values["made_at"]
        return {**values, "conversations": [[str(one), upto] for one, upto in self.conversations]}


def wanted(contents: Contents, *, lasts: int) -> Wanted:
    """The archive as a file to be prepared, which may stay for `lasts` seconds."""
    crossed = [overview.crossed_after(conversation, upto) for conversation, upto in contents.conversations]
    return Wanted(
        name=hashlib.sha256(repr((contents, crossed)).encode()).hexdigest(),
        write=lambda: write(contents),
        of=dict(contents.conversations),
        expected=sum(overview.octets(conversation, upto=upto) for conversation, upto in contents.conversations),
        lasts=lasts,
    )


def write(contents: Contents, *, extra: Mapping[str, bytes] | None = None) -> Iterator[bytes]:
    """The archive, piece by piece, with bounded memory; `extra` are further files at its top."""
    archive = Zip(contents.made_at)
    listed: list[dict[str, Any]] = []
    for conversation, upto in contents.conversations:
        try:
            found = transcript_of(
                conversation,
                audience=Audience(contents.audience),
                upto=upto,
                made_at=contents.made_at,
                zone=contents.zone,
                language=contents.language,
            )
        except NoSuchConversation:
            listed.append({"conversation": str(conversation), "missing": GONE})
            continue
        folder = _folder(found.case_number, listed)
        yield from record(archive, found, folder=f"{folder}/")
        listed.append(
            {
                "folder": folder,
                "conversation": str(conversation),
                "case_number": found.case_number,
                "site": found.site_name,
                "subject": found.subject,
                "status": found.status,
                "upto": found.upto,
                "seal": found.seal,
            }
        )
    whole = {"format": FORMAT, "version": VERSION, "made_at": contents.made_at, "audience": contents.audience, "conversations": listed}
    yield from archive.add("README.txt", packed([_words(contents, listed)]), first=True)
    yield from archive.add("conversations.json", packed([orjson.dumps(whole, option=orjson.OPT_INDENT_2)]))
    for name, data in (extra or {}).items():
        yield from archive.add(name, packed([data]))
    yield from archive.end()


def _folder(case_number: str, listed: Sequence[dict[str, Any]]) -> str:
    """Case numbers are unique in a site, and nothing keeps two sites from the same letters."""
    taken = {str(one.get("folder", "")).lower() for one in listed}
    name = safe_name(case_number)
    while name.lower() in taken:
        name += "_"
    return name


def _words(contents: Contents, listed: Sequence[dict[str, Any]]) -> bytes:
    clock = Clock(known_zone(contents.zone) or "UTC", known(contents.language))
    title = clock.say("Everything about you: all your conversations with us")
    about = clock.say(
        "Each folder is the full record of one conversation. Its own README.txt says what each file is, what is not in it, "
        "and how to check it without us: at {address} or with proof/verify.py in each folder.",
        address=f"{settings.PUBLIC_URL}/verify/",
    )
    made = clock.say("It was made on {when} ({zone}; {utc}).", **moment(clock, contents.made_at))
    lines = [title, "=" * len(title), "", *textwrap.wrap(about, WIDTH), made, ""]
    for one in listed:
        if "missing" in one:
            lines.append(f"{one['conversation']}: {clock.say(GONE)}")
        else:
            lines.append(inline(f"{one['folder'] + '/':<14}{clock.say(one['status']):<13}{one['subject']} ({one['site']})"))
    return "".join(f"{line}\r\n" for line in lines).encode()
