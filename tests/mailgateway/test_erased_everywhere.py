"""Nadia is erased: none of her words, names, numbers and files is left in any table, blob, index, log, journal or prepared file.

Each table is read whole, each file octet by octet, and each value is looked for in the disguises of mail and JSON.
"""

from __future__ import annotations

import base64
import html
import json
import quopri
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from chat.actions import erasing
from chat.actions.access import Who, enter
from chat.actions.action import perform
from chat.events.call import CallAsked, CallEnded, CallRecorded
from chat.events.commitment import CommitmentMade
from chat.events.decision import DecisionIssued
from chat.events.handoff import HandoffOffered
from chat.events.lifecycle import ConversationMoved, ConversationOpened
from chat.events.survey import SurveyAnswered
from chat.events.talk import MessageSaid, NoteAdded
from chat.ledger import blobs, copies, cross_out, due, journal, read, received, replay, search_index
from chat.ledger.append import Command, Fact, Joins, Opens, append
from chat.ledger.check import check
from chat.ledger.event import AttachmentRef, Kind
from chat.people import held, links, pausing, uploads
from chat.people.codes import CodeMail
from chat.people.held import Held
from chat.people.models import Address, Agent, Customer, Upload
from chat.people.pausing import Unreached
from chat.transcripts import everything
from chat.transcripts.everything import Contents
from chat.transcripts.prepared import prepared
from mailgateway import courier
from mailgateway.sending import code_mail
from tests.mailgateway.gateway import Gateway, reply, said, tag_of
from tests.mailgateway.mails import mail

pytestmark = pytest.mark.engine

NAME, SURNAME = "Nadjeschda", "Szymborskaja"
ADDRESS = "nadjeschda@szymborskaja.example"
PHONE = "+49 170 7658493"
PHOTO = b"\xff\xd8\xff\xe0" + b"a dented lampshade, photographed by her " * 40
RECORDING = b"RIFF" + b"her voice on the telephone " * 40
VALUES = [
    NAME,
    SURNAME,
    ADDRESS,
    PHONE,
    "zinnoberrot",  # said in the chat
    "quittengelee",  # said by mail
    "holunderweg",  # her signature
    "rhabarberkuchen",  # a subject
    "beule-am-schirm",  # a file's name
    "kaffeemaschine",  # told on the telephone
    "pusteblume",  # answered in the survey
    "windjammer",  # Tom's note about her
    "federhut",  # promised to her
    "schlosspark",  # decided about her
    "mohnblume",  # why she was passed on
    "siebenschl\u00e4fer",  # never reached a record
    "fliederbusch",  # Tom's answer that was not sent yet
    "kornblume",  # put aside, as it may belong to somebody else's record
    "dented lampshade",
    "her voice on the telephone",
]


class Story:
    """Nadia's history, and beside it one of Omar's, which shares a file with hers."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.nadia = Customer.objects.create(site=gateway.site, visitor="d" * 64, name=f"{NAME} {SURNAME}")
        Address.objects.create(customer=self.nadia, site=gateway.site, address=ADDRESS)
        self.tom, self.ines = (self._agent(name) for name in ("Tom", "Ines"))
        self.conversation, self.omars = 7_400_000_000_000_001, 7_400_000_000_000_002
        self.photo = AttachmentRef(name="beule-am-schirm.jpg", media_type="image/jpeg", size=len(PHOTO), digest=blobs.store(PHOTO))
        self.recording = AttachmentRef(name="call.wav", media_type="audio/wav", size=len(RECORDING), digest=blobs.store(RECORDING))
        self._keys = iter(range(1000))

    def _agent(self, name: str) -> Agent:
        agent = Agent.objects.create_user(f"{name.lower()}@demo.example", "lamps and shades", name=name, role="lead")
        agent.sites.add(self.gateway.site)
        return agent

    async def add(self, body: Kind, by: str = "", channel: str = "widget") -> None:
        key = f"s{next(self._keys)}"
        fact = Fact(conversation=self.conversation, body=body, actor=by or self.nadia.ref, channel=channel, key=key)
        await append(Command(facts=(fact,)))

    async def open(self, conversation: int, who: Customer, said: MessageSaid, address: str) -> None:
        opened = ConversationOpened(by=who.name, customer=who.ref, subject=said.text[:40], address=address, confirmed=True)
        facts = tuple(
            Fact(conversation=conversation, body=body, actor=who.ref, channel="widget", key=f"o{n}")
            for n, body in enumerate([opened, said])
        )
        opens = Opens(conversation=conversation, site=self.gateway.site.pk, source=f"w{conversation}", key="o")
        await append(Command(facts=facts, opens=opens, rows=(Joins(conversation=conversation, ref=who.ref),)))

    async def tell(self) -> None:
        tom, name = self.tom.ref, f"{NAME} {SURNAME}"
        first = MessageSaid(by=name, text=f"My lamp came in Zinnoberrot with a dent. Call {PHONE}.", attachments=(self.photo,))
        await self.open(self.conversation, self.nadia, first, ADDRESS)
        omar = Customer.objects.create(site=self.gateway.site, name="Omar")
        await self.open(self.omars, omar, MessageSaid(by="Omar", text="The same dent.", attachments=(self.photo,)), "omar@other.example")
        await self.add(NoteAdded(by="Tom", text="She pays by Windjammer."), tom, "inbox")
        await self.add(ConversationMoved(by="Tom", address=ADDRESS, reason="I answer by mail.", lines=(2,)), tom, "email")
        await self.add(MessageSaid(by="Tom", text=f"Dear {name}, the dent in Zinnoberrot will be mended."), tom, "email")
        await self.add(CommitmentMade(by="Tom", text="A new Federhut", due=1_999_780_800_000_000), tom, "email")
        letter = (await self.gateway.mails_out())[-1]
        words = "Thank you for the Quittengelee!\n\n-- \nHolunderweg 7\n"
        answer = reply(letter, words, From=f"{name} <{ADDRESS}>", Subject="Re: Rhabarberkuchen")
        await self.gateway.bring(answer, to=tag_of(letter), sender=ADDRESS)
        encoded = base64.encodebytes(b"Noch einmal: Quittengelee und Zinnoberrot").decode()
        headers = {"From": f"{name} <{ADDRESS}>", "Message_ID": "<n2@szymborskaja.example>", "Content_Transfer_Encoding": "base64"}
        await self.gateway.bring(mail(encoded, To=tag_of(letter), **headers), to=tag_of(letter), sender=ADDRESS)
        assert len(said(self.conversation)) == 3
        await self.add(CallAsked(by=name, number=PHONE, wish="Kaffeemaschine"))
        await self.add(CallEnded(by="Tom", of=1, seconds=60, summary="Talked about the Kaffeemaschine"), tom, "phone")
        await self.add(CallRecorded(by="Tom", of=1, consent_at=1, text="Kaffeemaschine", attachments=(self.recording,)), tom, "phone")
        await self.add(SurveyAnswered(by=name, helped=True, text="Pusteblume"))
        decided = DecisionIssued(by="Tom", text="The Schlosspark stays.", reasons="Terms.", remedies=("Ask again.",), role="agent")
        await self.add(decided, tom)
        await self.add(HandoffOffered(by="Tom", to=self.ines.ref, to_name="Ines", reason="Mohnblume"), tom, "inbox")
        await self._around()

    async def _around(self) -> None:
        """What stands beside the record: searches, downloads, links, codes, sessions, uploads, and a mail that nobody took in."""
        search_index.take_in_all()
        nadia = Who(ref=self.nadia.ref, name=NAME, side="customer", only=self.conversation)
        await perform(nadia, "take", {"format": "json"}, key="take", channel="widget", conversation=self.conversation)
        head = read.head(self.conversation)
        assert head is not None
        contents = Contents(conversations=((self.conversation, head.position),), made_at=1_800_000_000_000_000)
        assert await prepared(everything.wanted(contents, lasts=3600), patient=True) is not None
        links.issue(self.conversation, self.nadia.ref)
        await read.in_thread(code_mail.carry, CodeMail(site=self.gateway.site.pk, to=ADDRESS, code="123456", case_number="BR-1"))
        session = SessionStore()
        session["record_code"] = {"to": ADDRESS, "tries": 0}
        session.save()
        digest = blobs.store(b"a file of the Siebenschlaefer" + PHOTO)
        uploads.kept(owner=self.nadia.ref, name="beule-am-schirm.png", declared="image/png", beginning=b"x", size=1, digest=digest)
        stray = mail("Siebenschl\u00e4fer\n", From=ADDRESS, Message_ID="<x@szymborskaja.example>", Auto_Submitted="auto-replied")
        await self.gateway.bring(stray, sender=ADDRESS)
        doubtful = blobs.store(mail("Kornblume\n", From=ADDRESS, Message_ID="<y@szymborskaja.example>"))
        received.keep("email", doubtful, {"sender": ADDRESS}, state=received.QUARANTINED, conversation=self.omars)
        while await courier.carry_due():
            pass
        answer = {"text": f"Dear {NAME}, mind the Fliederbusch.", "by": "email"}
        held.keep(self.conversation, agent=self.tom.ref, name="Tom", action="reply", form=answer, key="held", seconds=3600)
        pausing.note(self.gateway.site.pk, ADDRESS, pausing.HARD, conversation=self.conversation, position=2)

    async def erase(self, **form: object) -> None:
        """Tom proposes, Ines agrees, the worker does it."""
        tom, ines = (
            Who(ref=agent.ref, name=agent.name, side="agents", role="lead", sites=frozenset({self.gateway.site.pk}))
            for agent in (self.tom, self.ines)
        )
        filled = {"ground": "request", "reason": f"{NAME} asked on the telephone.", "entry": 0, "person": self.nadia.ref, **form}
        proposal = await perform(tom, "propose_crossing", filled, key="p", channel="inbox", conversation=self.conversation)
        await perform(ines, "agree_crossing", {"proposal": proposal.position}, key="a", channel="inbox", conversation=self.conversation)
        while await due.ring_due(time.time_ns() // 1000):
            pass
        copies.settle(rested=0)
        cross_out.scrub()


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Blobs, prepared files and the journal of this test alone."""
    monkeypatch.setattr(settings, "DATA", tmp_path)
    monkeypatch.setattr(settings, "BLOBS", tmp_path / "blobs")
    monkeypatch.setattr(settings, "JOURNAL", tmp_path / "erasures.jsonl")
    return tmp_path


def _disguises(value: str) -> Iterator[bytes]:
    """A value as it may stand in a table, a mail or a file."""
    for text in {value, value.upper(), value.lower(), value.title(), html.escape(value), json.dumps(value)[1:-1]}:
        plain = text.encode()
        yield plain
        yield text.encode("utf-16-le")
        yield quopri.encodestring(plain)
        yield plain.hex().encode()
        for shift in range(3):
            # Whatever stood before it moves base64 by as much; the first and last letters belong to neighbours.
            yield base64.b64encode(b"\0" * shift + plain)[2 + 2 * (shift > 0) : -4]


def _everywhere(folder: Path, database: str, logged: str) -> Iterator[tuple[str, bytes]]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                for column in row:
                    octets = bytes(column) if isinstance(column, bytes | memoryview) else str(column).encode("utf-8", "replace")
                    yield f"table {table}", octets
    if connection.vendor == "sqlite":
        for path in Path(database).parent.glob(Path(database).name + "*"):
            yield f"file {path.name}", path.read_bytes()
    for path in folder.rglob("*"):
        if path.is_file():
            yield f"file {path.relative_to(folder)}", path.read_bytes()
    yield "log", logged.encode()


def _found(folder: Path, database: str, logged: str, values: list[str]) -> set[tuple[str, str]]:
    wanted = [(value, form) for value in values for form in set(_disguises(value)) if len(form) >= 6]
    found = set()
    for place, octets in _everywhere(folder, database, logged):
        found |= {(place, value) for value, form in wanted if form in octets}
    return found


async def test_an_erased_person_is_found_nowhere(
    gateway: Gateway, database: str, elsewhere: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    story = Story(gateway)
    await story.tell()
    before = _found(elsewhere, database, "", VALUES)
    assert {value for _, value in before} == set(VALUES), "The story tells all of it, or the search would prove nothing."
    tables = ("event", "search", "word", "received", "upload", "customer", "conversation", "address")
    assert {f"table chat_{table}" for table in tables} <= {where for where, _ in before}
    assert any(where.startswith("file prepared") for where, _ in before)
    await story.erase()
    logged = "".join(capfd.readouterr())
    assert "erased" in logged
    shared = "file blobs/" + "/".join((story.photo.digest[:2], story.photo.digest[2:4], story.photo.digest))
    # Omar sent the same file, and his record is as it was.
    omars = {"beule-am-schirm", "dented lampshade"}
    left = _found(elsewhere, database, logged, VALUES)
    assert {found for found in left if found[1] not in omars} == set()
    assert (shared, "dented lampshade") in left
    assert {place for place, _ in left if place.startswith("file ") and "sqlite" not in place} == {shared}
    assert not blobs.exists(story.recording.digest)
    for conversation in (story.conversation, story.omars):
        assert check(conversation) is None
    assert Upload.objects.count() == Held.objects.count() == Unreached.objects.count() == 0
    assert not Address.objects.filter(address=ADDRESS).exists()
    assert replay.replay().entries == 0
    assert any(line.person == story.nadia.ref for line in journal.lines())


async def test_one_line_is_gone_from_every_mail_that_quotes_it_and_the_rest_stays(gateway: Gateway, database: str, elsewhere: Path) -> None:
    story = Story(gateway)
    await story.tell()
    sentence = "came in Zinnoberrot with a dent"
    assert {place.partition("/")[0] for place, _ in _found(elsewhere, database, "", [sentence])} >= {"table chat_event", "file blobs"}
    await story.erase(person="", entry=2, field="text", ground="mistake")
    assert _found(elsewhere, database, "", [sentence, PHONE]) == set()
    stays = {value for _, value in _found(elsewhere, database, "", VALUES)}
    assert set(VALUES) - stays == {PHONE}
    assert check(story.conversation) is None


async def test_she_is_told_by_mail_when_she_asked_and_when_it_is_refused(gateway: Gateway) -> None:
    story = Story(gateway)
    await story.tell()
    nadia = enter(Who(ref=story.nadia.ref, name=NAME, side="customer"), story.conversation)
    await append(erasing.asked(nadia, words="", day="29 November 2026", now=time.time_ns() // 1000, key="1"))
    told = (await gateway.last_mail()).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "will be erased on 29 November 2026" in " ".join(told.split())
    form = {"ground": "claims", "reason": "Your complaint is open."}
    ines = Who(ref=story.ines.ref, name="Ines", side="agents", role="lead", sites=frozenset({gateway.site.pk}))
    await perform(ines, "refuse_erasure", form, key="r", channel="inbox", conversation=story.conversation)
    told = (await gateway.last_mail()).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Your complaint is open." in " ".join(told.split())
