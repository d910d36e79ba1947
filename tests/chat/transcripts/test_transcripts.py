"""Every format tells the whole conversation up to its position, to whom it may be told, and the JSON one can be checked without us."""

from __future__ import annotations

import re
from operator import attrgetter

import orjson
import pytest

from chat.events.lifecycle import ConversationTagged
from chat.events.privacy import CrossedOut, TranscriptTaken
from chat.events.talk import MessageSaid, MessageSeen
from chat.ledger import read
from chat.ledger.append import Command, Crosses, Fact, NoSuchConversation, append_sync
from chat.ledger.event import Audience, Stamp, kinds
from chat.ledger.triggers import PERMITTING
from chat.transcripts import passes, proof, verifier
from chat.transcripts.clock import Clock, size
from chat.transcripts.text import _wrapped
from chat.transcripts.transcript import formats, render
from tests.chat.nadia import PHOTO, NadiasCase

EVERYONE, AGENTS = Audience.EVERYONE, Audience.AGENTS
PAPER = ["text", "html"]
EVERY = [*PAPER, "json", "jsonl", "csv"]
"""Those whose octets are our own words; the others have tests of their own."""


@pytest.fixture
def case(database: str) -> NadiasCase:
    return NadiasCase().tell()


def _taken(case: NadiasCase, name: str, *, audience: Audience = EVERYONE, upto: int = 0) -> str:
    return b"".join(render(name, case.conversation, audience=audience, upto=upto, made_for="Nadia")).decode()


def _words(page: str) -> str:
    """Without markup and line breaks, so that one test reads both paper formats."""
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", page.split("</style>")[-1])).split())


@pytest.mark.parametrize("name", PAPER)
def test_paper_holds_everything_in_order(case: NadiasCase, name: str) -> None:
    words = _words(_taken(case, name))
    told = [
        "Dented shade on Heron lamp",
        "My Heron lamp came with a",
        "dent-left-side.jpg",
        "I will refund EUR 40",
        "Promise made",
        "continued this conversation by another way",
        "Tom asked Ines to take over",
        "Card refunds need approval by Ines.",
        "Tom passed you to Ines",
        "I have asked the bank today.",
        "accepted entry",
        "We refund EUR 40 and you keep the lamp.",
        "RF-20261125-0093",
        "Closed by Ines",
        "Opened by Ruth, team lead",
        "Review of refunds",
        "Nadia has seen everything up to entry 5",
    ]
    begins = words.index("opened this conversation")
    places = [words.find(line, 0 if line == told[0] else begins) for line in told]
    assert -1 not in places, told[places.index(-1)]
    assert places[1:] == sorted(places[1:])


@pytest.mark.parametrize("name", EVERY)
def test_the_notes_of_the_team_stand_in_the_customers_transcript_as_was_sealed(case: NadiasCase, name: str) -> None:
    case.add(ConversationTagged(by="Tom", tags=("heron",)), by=case.tom.ref, channel="inbox")
    mine, theirs = (_words(_taken(case, name, audience=audience)) for audience in (EVERYONE, AGENTS))
    assert "need Ines" in mine
    assert "Her bank" not in mine
    assert "heron" not in mine
    assert "need Ines" in theirs
    assert "Her bank" in theirs
    assert "heron" in theirs


@pytest.mark.parametrize("name", [*PAPER, "csv"])
def test_a_withheld_note_is_a_line_with_its_ground(case: NadiasCase, name: str) -> None:
    case.add(ConversationTagged(by="Tom", tags=("heron",)), by=case.tom.ref, channel="inbox")
    words = _words(_taken(case, name))
    assert words.count("Note of the team, withheld: it names another person") == 1
    assert words.count("For the team only") == 1


@pytest.mark.parametrize("name", EVERY)
def test_a_transcript_is_fixed_at_its_position(case: NadiasCase, name: str) -> None:
    first = _taken(case, name, upto=5)
    case.add(MessageSaid(by="Nadia", text="One thing more."))
    again = _taken(case, name, upto=5)
    assert "One thing more." not in again
    assert _without_time(first) == _without_time(again)
    assert "Closed by" not in first


def _without_time(text: str) -> str:
    return re.sub(r'made [^"]*? for|Made [^.]*\.|"made_at": ?\d+', "", text)


@pytest.mark.parametrize("name", EVERY)
def test_who_looks_at_it_meanwhile_changes_nothing_in_it(case: NadiasCase, name: str) -> None:
    first = b"".join(render(name, case.conversation, audience=AGENTS, upto=17, made_at=case.site.pk))
    for _ in range(2):
        for _ in range(20):
            case.add(MessageSeen(by="Nadia", upto=17))
        assert b"".join(render(name, case.conversation, audience=AGENTS, upto=17, made_at=case.site.pk)) == first


def test_no_quiet_event_changes_what_a_transcript_says_of_the_whole(case: NadiasCase) -> None:
    head = read.head(case.conversation)
    assert head is not None
    stamp = Stamp(position=18, at=head.last_at + 1, actor=case.tom.ref, channel="widget", audience=EVERYONE)
    told = attrgetter("opened_at", "status", "outcome", "subject", "customer.name", "commitments", "decision", "decision_text")
    for kind in kinds():
        if kind.quiet and kind.name not in PERMITTING:
            assert told(kind.example().fold(head.state, stamp)) == told(head.state), kind.name


def test_long_lines_are_cut_between_words_and_a_long_word_stays_whole() -> None:
    address = "https://brindle.example/" + "x" * 90
    lines = list(
        _wrapped(f"       Please look at {address} for all that is known about the lamps and shades of this year and the last.", "  ")
    )
    assert lines == ["       Please look at", f"  {address}", *lines[2:]]
    assert all(len(line) <= 78 for line in lines if address not in line)
    assert " ".join(" ".join(lines).split()).endswith("of this year and the last.")
    assert list(_wrapped("   ", "")) == [""]


def test_the_web_page_loads_nothing_and_runs_nothing(case: NadiasCase) -> None:
    page = _taken(case, "html")
    assert "<dent>" not in page
    assert "&lt;dent&gt;" in page
    assert not re.search(r"<script|<link|<img|src=|url\(|@import| style=", page)


def test_an_attachment_is_listed_with_name_type_size_and_digest(case: NadiasCase) -> None:
    for name in PAPER:
        words = _words(_taken(case, name))
        assert "dent-left-side.jpg, image/jpeg, 1.8 MB" in words
        assert PHOTO.digest in words


def test_the_json_transcript_of_a_customer_can_be_checked_without_us(case: NadiasCase) -> None:
    text = _taken(case, "json")
    document = orjson.loads(text)
    head = read.head(case.conversation)
    assert head is not None
    assert (verifier.record([text.encode()])[1].position, document["seal"]) == (head.position, head.seal.hex())
    assert "Her bank" not in text
    assert [entry["left_out"] for entry in document["entries"] if "left_out" in entry] == ["others"]


def test_its_head_carries_the_seal_signed_and_what_follows_from_the_entries(case: NadiasCase) -> None:
    document = orjson.loads(_taken(case, "json"))
    key = proof.signer(document["proof"], document["conversation"], document["upto"], bytes.fromhex(document["seal"]))
    assert key is not None
    told = document["summary"]
    assert told["participants"] == ["Nadia", "Tom", "Ines"]
    assert told["channels"] == ["widget", "email"]
    assert [promise["state"] for promise in told["promises"]] == ["kept"]
    assert told["decision"]["text"] == "We refund EUR 40 and you keep the lamp."
    assert (told["first_answer_seconds"], told["longest_wait_seconds"], told["waiting_since"]) == (0, 0, None)
    assert told["kept_until"] > told["last_at"]


@pytest.mark.parametrize("name", PAPER)
def test_times_are_in_the_zone_and_the_words_in_the_language_of_the_reader(case: NadiasCase, name: str) -> None:
    octets = b"".join(
        render(name, case.conversation, audience=EVERYONE, made_at=1_795_257_727_000_000, zone="Asia/Kolkata", language="de-DE")
    )
    words = _words(octets.decode())
    assert "Sa 21. Nov. 2026, 16:12 (10:42 UTC)" in words
    assert "Asia/Kolkata" in words
    assert "Tom hat Sie an Ines übergeben" in words
    assert "I will refund EUR 40" in words
    assert "Europe/Berlin" in _words(b"".join(render(name, case.conversation, audience=EVERYONE, zone="No/Where")).decode())


@pytest.mark.parametrize("name", ["text", "html", "json"])
def test_a_crossed_out_line_is_shown_as_such_and_the_rest_still_holds(case: NadiasCase, name: str) -> None:
    body = CrossedOut(of=5, fields=("text",), by="Ruth", reason="A card number was written here.", ground="mistake")
    fact = Fact(conversation=case.conversation, body=body, actor="agent:9", channel="inbox", key="cross")
    append_sync(Command(facts=(fact,), rows=(Crosses(conversation=case.conversation, position=5, fields=("text",)),)))
    text = _taken(case, name)
    assert "I will refund EUR 40 so" not in text
    if name == "json":
        document = orjson.loads(text)
        assert document["entries"][4]["crossed_out"] == ["text"]
        assert verifier.record([text.encode()])[1].crossed_out.keys() == {5}
    else:
        assert "Crossed out for privacy: text" in _words(text)


def test_what_was_crossed_out_after_its_position_is_told_in_it_too(case: NadiasCase) -> None:
    body = CrossedOut(of=5, fields=("text",), by="Ruth", reason="A card number was written here.", ground="mistake")
    fact = Fact(conversation=case.conversation, body=body, actor="agent:9", channel="inbox", key="cross")
    append_sync(Command(facts=(fact,), rows=(Crosses(conversation=case.conversation, position=5, fields=("text",)),)))
    case.add(MessageSaid(by="Nadia", text="One thing more."))
    head, chain = verifier.record([_taken(case, "json", upto=7).encode()])
    assert (head["upto"], chain.position, chain.crossed_out.keys()) == (18, 18, {5})


def test_a_download_that_was_logged_appears_in_the_next_one(case: NadiasCase) -> None:
    upto = case.add(TranscriptTaken(by="Nadia", format="text", upto=17)) - 1
    assert "Saved by Nadia" not in _taken(case, "text", upto=upto)
    assert "Saved by Nadia" in _taken(case, "text")


def test_an_unknown_conversation_has_no_transcript(database: str) -> None:
    with pytest.raises(NoSuchConversation):
        render("text", 5, audience=EVERYONE)


def test_every_format_has_a_name_a_type_and_an_ending() -> None:
    for name, each in formats().items():
        assert name == each.name
        assert each.label
        assert "/" in each.media_type
        assert each.extension.isalnum()


def test_a_pass_opens_what_it_was_made_for_and_cannot_be_forged() -> None:
    granted = passes.Pass(conversation=2**62, format="text", audience="everyone", upto=7, made_for="Nadia")
    text = passes.address_of(granted).rsplit("/", 1)[1]
    assert passes.redeem(text) == granted
    assert passes.redeem(text[:-1] + ("0" if text[-1] != "0" else "1")) is None
    assert passes.redeem("nonsense") is None
    assert passes.redeem("a.é") is None


def test_times_are_read_in_the_zone_with_the_weekday() -> None:
    at = 1_795_257_727_000_000
    assert Clock("Europe/Berlin").exact(at) == "Sat 21 Nov 2026, 11:42:07"
    assert Clock("Nowhere/Land").machine(at) == Clock("UTC").machine(at)
    assert [size(7), size(18_231), size(1_812_345)] == ["7 bytes", "18 KB", "1.8 MB"]
