"""Random conversations: every format holds every entry exactly once and in order, and nothing that this reader may not read."""

from __future__ import annotations

import csv
import email
import email.policy
import io
import itertools
import re
import subprocess
from collections.abc import Callable

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.events.lifecycle import ConversationOpened, ConversationTagged
from chat.events.privacy import StaffOpened, TranscriptTaken
from chat.events.talk import MessageSaid, MessageSeen, NoteAdded
from chat.ledger import overview, read
from chat.ledger.event import Audience, Kind, kinds
from chat.ledger.state import State
from chat.transcripts import summary
from chat.transcripts.transcript import formats, render
from tests.chat.transcripts.fixed import BEGIN, Told, site, written

_ids = itertools.count(6_000_000_000_000_001)
HOSTILE = "\x1b\x9b\x07\r\n\t\u202e\u2066\u2069\u2068<>&\"'=+-@;,|`#$[]{}0123456789: aאم灯💡\u2028\u00a0"
ENDLESS = (
    "\n" * 500_000 + "=1",
    " " * 500_000 + "=1",
    (";" + " " * 10) * 50_000,
    ("y" * 4_095 + " ") * 200,
    "\x1b" * 200_000,
    "\u2066" * 200_000,
    "\u202e\u2069" * 100_000,
    '"' * 300_000,
    "\t" * 300_000 + "-",
)
"""Lines that cost an unwary expression the square of their length."""
words = st.one_of(st.text(HOSTILE, max_size=120), st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=60))
EXAMPLES = [kind.example() for kind in kinds() if kind.__module__.startswith("chat.events.") and kind is not ConversationOpened]


def _said(number: str, text: str, name: str) -> MessageSaid:
    return MessageSaid(by=name, text=f"{text} {number} {text}", subject=text[:40], quoted=text[:30])


events = st.one_of(
    st.builds(lambda text, name: lambda number: Told(body=_said(number, text, name)), words, words),
    st.builds(lambda text: lambda number: Told(body=_said(number, text, "Tom"), actor="agent:3", channel="email", after=5_000), words),
    st.builds(
        lambda text, ground: lambda number: Told(body=NoteAdded(by="Tom", text=f"{text} {number}"), actor="agent:3", disclose=ground),
        words,
        st.sampled_from(["yes", "others", "fraud"]),
    ),
    st.builds(lambda tag: lambda number: Told(body=ConversationTagged(by="Tom", tags=(tag, number)), actor="agent:3"), words),
    st.builds(lambda why: lambda number: Told(body=StaffOpened(by="Ruth", role="lead", purpose=f"{why} {number}"), actor="agent:9"), words),
    st.just(lambda number: Told(body=MessageSeen(by="Nadia", upto=1))),
    st.just(lambda number: Told(body=TranscriptTaken(by="Nadia", format="text"))),
    st.sampled_from(EXAMPLES).map(lambda example: lambda number: Told(body=example)),
)
conversations = st.lists(events, min_size=1, max_size=25)


def _tell(told: list[Callable[[str], Told]], place: int) -> tuple[int, list[Told]]:
    """Each event carries a word of its own, by which it is found."""
    conversation = next(_ids)
    opened = Told(body=ConversationOpened(by="Nadia", customer="customer:41", subject="Dented shade"))
    all_told = [opened, *(make(f"mark{number}mark") for number, make in enumerate(told, 2))]
    written(conversation, all_told, site=place, number=conversation % 1_000_000_000)
    return conversation, all_told


@pytest.fixture
def place(database: str) -> int:
    return site().pk


checked = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], derandomize=True
)


def _positions_in_text(octets: bytes) -> tuple[list[int], list[int]]:
    told, _, log = octets.decode().partition("\nWHAT WAS DONE WITH THIS RECORD\n")
    return (
        [int(number) for number in re.findall(r"^\d\d:\d\d  \[(\d+)\] ", told, re.MULTILINE)],
        [int(number) for number in re.findall(r"^\w{3} \d+ \w{3} \d{4}, \d\d:\d\d  \[(\d+)\] ", log, re.MULTILINE)],
    )


def _positions_in_html(octets: bytes) -> tuple[list[int], list[int]]:
    told, _, log = octets.decode().partition('<section class="log">')
    told, log = ([int(number) for number in re.findall(r'<(?:li|section) class="[a-z ]*" id="e(\d+)">', part)] for part in (told, log))
    return told, log


def _positions_in_json(octets: bytes) -> tuple[list[int], list[int]]:
    return [entry["position"] for entry in orjson.loads(octets)["entries"]], []


def _positions_in_lines(octets: bytes) -> tuple[list[int], list[int]]:
    head, *entries, end = [orjson.loads(line) for line in octets.split(b"\n")[:-1]]
    assert (end["end"], end["upto"], end["seal"]) == (True, head["upto"], head["seal"])
    return [entry["position"] for entry in entries], []


def _positions_in_table(octets: bytes) -> tuple[list[int], list[int]]:
    _, *rows = csv.reader(io.StringIO(octets.decode("utf-8-sig"), newline=""))
    return [int(row[0]) for row in rows], []


POSITIONS = {
    "text": _positions_in_text,
    "html": _positions_in_html,
    "json": _positions_in_json,
    "jsonl": _positions_in_lines,
    "csv": _positions_in_table,
}
"""The positions that a file tells: those of the conversation, and those of the log behind it."""
TRACES = ("message.seen", "staff.opened", "transcript.taken", "link.issued", "link.redeemed", "link.revoked")


@pytest.mark.parametrize("name", POSITIONS)
@pytest.mark.parametrize("audience", Audience)
def test_every_entry_stands_in_it_once_and_in_order(name: str, audience: Audience, place: int) -> None:
    @checked
    @given(conversations)
    def holds(told: list[Callable[[str], Told]]) -> None:
        conversation, all_told = _tell(told, place)
        found, logged = POSITIONS[name](b"".join(render(name, conversation, audience=audience, made_at=BEGIN)))
        assert found == sorted(found)
        assert logged == sorted(logged)
        assert sorted(found + logged) == list(range(1, len(all_told) + 1))
        if logged:
            assert all(all_told[position - 1].body.name in TRACES for position in logged)

    holds()


def _as_mail(octets: bytes) -> str:
    message = email.message_from_bytes(octets, policy=email.policy.default)
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def _as_mailbox(octets: bytes) -> str:
    return _as_mail(octets.split(b"\n", 1)[1].split(b"\n\nFrom ")[0])


def _as_paper(octets: bytes) -> str:
    return subprocess.run(["pdftotext", "-layout", "-", "-"], input=octets, capture_output=True, check=True, timeout=60).stdout.decode()


WORDS = {"eml": _as_mail, "mbox": _as_mailbox, "pdf": _as_paper}
"""How the words of the other formats are read; an archive is made of all of them."""
OTHERS = [
    name for name, each in formats().items() if type(each).__module__.startswith("chat.") and name not in POSITIONS and not each.archive
]


@pytest.mark.parametrize("name", OTHERS)
def test_the_words_of_every_line_stand_once_and_in_order_in_every_other_format(name: str, place: int) -> None:
    assert name in WORDS, "Tell POSITIONS or WORDS how this format is read."

    @settings(checked, max_examples=4)
    @given(st.lists(st.sampled_from([*EXAMPLES, None, None]), min_size=1, max_size=25))
    def holds(told: list[Kind | None]) -> None:
        def line(example: Kind | None) -> Callable[[str], Told]:
            return lambda number: Told(body=example or MessageSaid(by="Nadia", text=f"The shade, {number}, is dented."))

        conversation, all_told = _tell([line(each) for each in told], place)
        words = "".join(WORDS[name](b"".join(render(name, conversation, audience=Audience.EVERYONE, made_at=BEGIN))).split())
        found = [int(number) for number in re.findall(r"mark(\d+)mark", words)]
        assert found == [number for number, each in enumerate(all_told, 1) if f"mark{number}mark" in repr(each.body)]

    holds()


@pytest.mark.parametrize("name", POSITIONS)
def test_what_is_withheld_does_not_stand_in_it_and_what_is_open_does(name: str, place: int) -> None:
    @checked
    @given(conversations)
    def keeps(told: list[Callable[[str], Told]]) -> None:
        conversation, all_told = _tell(told, place)
        text = b"".join(render(name, conversation, audience=Audience.EVERYONE, made_at=BEGIN)).decode()
        for number, each in enumerate(all_told, 1):
            withheld = each.body.audience is Audience.AGENTS and (each.disclose != "yes" or not each.body.disclosable)
            if f"mark{number}mark" in repr(each.body):
                assert (f"mark{number}mark" in text) != withheld

    keeps()


@pytest.mark.engine
def test_a_wait_is_what_the_queue_of_those_who_wait_says(place: int) -> None:
    """The statement that finds the longest wait agrees with the states that the entries fold to."""

    @checked
    @given(conversations)
    def agrees(told: list[Callable[[str], Told]]) -> None:
        conversation, _ = _tell(told, place)
        found = overview.waits(conversation, upto=10_000, turns=summary._turns())
        assert found == _walked(conversation)

    agrees()


def _walked(conversation: int) -> tuple[int, int | None]:
    state, first, waits = State(), 0, []
    for entry in read.events(conversation, audience=Audience.AGENTS):
        before = state.waiting_since
        customer = entry.actor.startswith("customer:")
        state = summary._folded(type(entry.body), State(waiting_since=before), "customer:1" if customer else "agent:1")  # type: ignore[arg-type]
        state = State(waiting_since=entry.at if state.waiting_since == 1 and not before else state.waiting_since)
        first = first or state.waiting_since
        if before and not state.waiting_since:
            waits.append(entry.at - before)
    return first, max(waits, default=None)


def test_a_line_of_a_megabyte_is_told_whole_in_every_format(place: int) -> None:
    conversation = next(_ids)
    long = ["x" * 1_000_000, "word " * 200_000, "\u00a0" * 300_000 + "end", *ENDLESS]
    told = [Told(body=MessageSaid(by="Nadia", text=text)) for text in long]
    written(conversation, [Told(body=ConversationOpened(by="Nadia", customer="customer:41")), *told], site=place)
    for name in POSITIONS:
        octets = b"".join(render(name, conversation, audience=Audience.EVERYONE, made_at=BEGIN))
        assert octets.count(b"x") > 999_999, name
        if name == "text":
            assert max(map(len, octets.decode().split("\n"))) < 5_000
