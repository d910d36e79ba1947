"""One conversation that holds an example of every kind, and hostile text; and what the formats make of it.

`python -m tests.chat.transcripts.renew` writes tests/chat/transcripts/golden/ anew; look at the difference before you keep it.
"""

from __future__ import annotations

import re
from pathlib import Path

from django.test import override_settings

from chat.events.lifecycle import ConversationOpened
from chat.events.privacy import CrossedOut
from chat.events.talk import MessageSaid, NoteAdded
from chat.ledger.event import AttachmentRef, Audience, Kind, kinds
from chat.transcripts.transcript import render
from tests.chat.transcripts.fixed import Told, site, written

FOLDER = Path(__file__).parent / "golden"
CONVERSATION = 7_123_004_821_000_001
MADE = 1_795_693_200_000_000
PUBLIC = {"PUBLIC_URL": "https://support.example", "ROOT_SECRETS": {1: "the root secret of these files alone"}}
HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(2)> &amp;",
    '#panic("typst") #read("/etc/passwd") $x$ `code`',
    "\x1b[2J\x1b]0;owned\x07 and \x9b31m, a bell \x07 and a \x7f\rover",
    "=HYPERLINK(\"http://evil.example\")\n+1+1;@SUM(1)\n-2+3+cmd|' /C calc'!A0",
    "pay \u202egnp.exe\u202c now, \u2066never closed, and \u2068this one is\u2069",
    "שלום, the shade is \u0645\u0643\u0633\u0648\u0631, 灯, 💡",
)
WAYS = {
    "text": ("everyone.txt", Audience.EVERYONE, "", ""),
    "text for agents": ("agents.txt", Audience.AGENTS, "", ""),
    "text in German": ("everyone.de.txt", Audience.EVERYONE, "Asia/Kolkata", "de-AT,de;q=0.9"),
    "html": ("everyone.html", Audience.EVERYONE, "", ""),
    "html in German": ("everyone.de.html", Audience.EVERYONE, "Asia/Kolkata", "de"),
    "json": ("everyone.json", Audience.EVERYONE, "", ""),
    "jsonl": ("everyone.jsonl", Audience.EVERYONE, "", ""),
    "csv": ("everyone.csv", Audience.EVERYONE, "", ""),
    "eml": ("everyone.eml", Audience.EVERYONE, "", ""),
    "mbox": ("everyone.mbox", Audience.EVERYONE, "", ""),
}
"""File, audience, zone and language by what it is; the first word is the format."""


def every_kind() -> list[Told]:
    """An example of each kind, the opening first, then what people may not read, what is crossed out, and hostile text."""
    told = [Told(body=ConversationOpened.example())]
    for kind in kinds():
        if kind.__module__.startswith("chat.events.") and kind is not ConversationOpened:
            told.append(Told(body=kind.example(), actor=_actor(kind), channel=_channel(kind)))
    told.append(Told(body=NoteAdded(by="Tom", text="Her bank told us her limit."), actor="agent:3", channel="inbox", disclose="others"))
    photos = tuple(AttachmentRef(name=f"dent-{n}.jpg", media_type="image/jpeg", size=18_231, digest=f"{n}f" * 32) for n in (1, 2))
    for body, field in (
        (MessageSaid(by="Nadia", text="My card is 4000 0000 0000 0002."), "text"),
        (MessageSaid(by="Nadia", text="Not this one, but that.", attachments=photos), "attachments.0"),
    ):
        told.append(Told(body=body, gone=frozenset({field, "_sentence"})))
        says = CrossedOut(of=len(told), fields=(field,), by="Ruth", reason="It was sent by mistake.", ground="mistake")
        told.append(Told(body=says, actor="agent:9", channel="inbox"))
    for text in HOSTILE:
        photo = AttachmentRef(name=f"dent{text[:12]}.jpg", media_type="image/jpeg", size=18_231, digest="9f" * 32)
        told.append(
            Told(body=MessageSaid(by=f"Nadia {text[:24]}", text=text, subject=text, attachments=(photo,)), channel="email", after=40_000)
        )
    return told


def made(name: str) -> bytes:
    """One of WAYS, of the conversation that stands in the store."""
    _, audience, zone, language = WAYS[name]
    with override_settings(**PUBLIC):
        octets = b"".join(
            render(
                name.split()[0],
                CONVERSATION,
                audience=audience,
                made_for="Nadia",
                made_at=MADE,
                zone=zone,
                language=language,
            )
        )
    # The style sheet is another file; a change of it is no change of what a page holds.
    return re.sub(rb"<style>.*?</style>", b"<style></style>", octets, flags=re.DOTALL)


def tell() -> None:
    written(CONVERSATION, every_kind(), site=site().pk)


def _actor(kind: type[Kind]) -> str:
    by = getattr(kind.example(), "by", "")
    return {"Nadia": "customer:41", "Tom": "agent:3", "Ines": "agent:4", "Ruth": "agent:9", "Assistant": "bot:assistant"}.get(by, "system")


def _channel(kind: type[Kind]) -> str:
    return {"mail": "email", "lines": "email", "receipt": "email", "automatic": "email", "call": "phone"}.get(
        kind.name.split(".")[0], "widget"
    )
