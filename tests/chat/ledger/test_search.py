"""What was said is found a moment later, newest first, within the sites one asks for, and never after it was crossed out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction

from chat.events.lifecycle import ConversationOpened
from chat.events.talk import MessageSaid, NoteAdded
from chat.ledger import follow, search_index, search_postgres
from chat.ledger.append import append_sync
from chat.ledger.cross_out import cross_out, crossing_out
from chat.ledger.models import Follower, Found, Word
from chat.ledger.search import search
from chat.ledger.search_index import take_in, take_in_all
from tests.chat.ledger.cast import NADIA, TOM, crossed, new_id, opened, opening, said, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]

CARD = "4111222233334444"


def _found(text: str, *, sites: tuple[int, ...] = (1,), who_only: bool = False) -> list[int]:
    return [hit.conversation for hit in search(text, sites=sites, who_only=who_only).hits]


def test_the_newest_conversation_with_the_words_comes_first_and_each_comes_once() -> None:
    first, second = opened(first="My lamp came with a dent."), opened(first="The lamp is fine, the shade has a dent.")
    other = opened(first="Where is my order?")
    say(first, "A photo of the DENT in the lamp")
    take_in_all()
    assert _found("lamp dent ") == [first, second]
    assert _found("order") == [other]
    assert _found("lamp order") == []


def test_the_last_word_may_be_only_begun() -> None:
    lamp, lampshade = opened(first="A lamp"), opened(first="A lampshade")
    take_in_all()
    assert _found("lam") == [lampshade, lamp]
    assert _found("a lamps") == [lampshade]
    assert _found("lam ") == []
    assert _found("l") == [], "one letter begins too many words"


def test_notes_and_names_are_found_too() -> None:
    noted, named = opened(), new_id()
    say(noted, NoteAdded(by="Tom", text="Her bank calls it a chargeback."), actor=TOM)
    append_sync(opening(named, by="Zoë Ångström"))
    take_in_all()
    assert _found("chargeback") == [noted]
    assert _found("zoe angstrom") == [named]


def test_who_it_is_can_be_asked_for_alone() -> None:
    by_name, talked_about = new_id(), opened(first="I spoke to Zoe.")
    append_sync(opening(by_name, by="Zoe"))
    take_in_all()
    assert _found("zoe") == [by_name, talked_about]
    assert _found("zoe", who_only=True) == [by_name]
    assert _found("zo", who_only=True) == [by_name]
    assert _found("spoke", who_only=True) == []


def test_only_the_sites_asked_for_are_searched() -> None:
    here, there = opened(site=1, first="lamp"), opened(site=2, first="lamp")
    take_in_all()
    assert _found("lamp") == [here]
    assert _found("lamp", sites=(1, 2)) == [there, here]
    assert _found("lamp", sites=(12,)) == []
    assert _found("lamp", sites=()) == []


def test_marks_of_the_index_cannot_be_typed() -> None:
    opened(first="lamp")
    take_in_all()
    for typed in ("@1", "~nadia OR lamp", '"lamp', "lamp & !dent", "lamp*", "@a0 "):
        _found(typed)
    assert _found("lamp NOT nothing ") == []
    assert _found("@1 ") == []


def test_older_finds_follow_page_by_page() -> None:
    every = [opened(first=f"lamp {n}") for n in range(7)]
    for conversation in every[:3]:
        say(conversation, "lamp again")
    take_in_all()
    seen: list[int] = []
    below: int | None = None
    while True:
        page = search("lamp ", sites=[1], below=below, limit=3)
        seen += [hit.conversation for hit in page.hits]
        assert len(page.hits) <= 3
        below = page.older
        if below is None:
            break
    assert list(dict.fromkeys(seen)) == [*reversed(every[:3]), *reversed(every[3:])]


def test_one_conversation_that_fills_many_pages_hides_no_other() -> None:
    quiet, loud = opened(first="lamp"), opened()
    for _ in range(20):
        append_sync(_many(loud, 50))
    take_in_all()
    page = search("lamp ", sites=[1])
    assert [hit.conversation for hit in page.hits] == [loud]
    assert page.older is not None
    assert [hit.conversation for hit in search("lamp ", sites=[1], below=page.older).hits] == [loud, quiet]


def _many(conversation: int, count: int):  # type: ignore[no-untyped-def]
    from chat.ledger.append import Command

    return Command(facts=tuple(said(conversation, "lamp").facts[0] for _ in range(count)))


def test_the_index_goes_on_where_it_stopped_and_takes_nothing_twice() -> None:
    opened(first="lamp")
    assert take_in(limit=1).events == 1, "the first look notices that nothing was ever taken in"
    while take_in(limit=1).events:
        pass
    before = list(Found.objects.values_list("id", "position"))
    opened(first="shade")
    take_in_all()
    assert list(Found.objects.values_list("id", "position"))[: len(before)] == before
    assert list(Found.objects.values_list("id", flat=True)) == [1, 2, 3, 4]
    assert len(_found("shade")) == 1


def test_another_edition_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = opened(first="lamp")
    take_in_all()
    monkeypatch.setattr(search_index, "EDITION", search_index.EDITION + 1)
    take_in_all()
    assert _found("lamp") == [conversation]
    assert Found.objects.count() == 2


def test_a_batch_that_fails_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = opened(first="lamp")
    take_in(limit=0)
    with pytest.raises(RuntimeError), transaction.atomic():
        take_in()
        raise RuntimeError
    assert _found("lamp") == []
    search_index._known._words.clear()
    take_in_all()
    assert _found("lam") == [conversation]


def test_what_is_crossed_out_is_found_no_more_and_the_rest_still_is() -> None:
    conversation = new_id()
    append_sync(opening(conversation))
    say(conversation, MessageSaid(by="Nadia", text=f"My card is {CARD}, thank you", subject="Heron lamp"))
    take_in_all()
    assert _found(CARD) == [conversation]
    append_sync(crossing_out(conversation, 2, ["text"], says=crossed(2, "text"), actor="agent:1", key="x"))
    assert _found(CARD) == _found(CARD[:6]) == []
    assert _found("heron nadia ") == [conversation]
    assert not Word.objects.filter(word=CARD).exists()
    take_in_all()
    assert _found(CARD) == []


def test_a_word_that_others_said_too_can_still_be_begun_after_a_crossing() -> None:
    first, second = opened(first="chargeback voucher"), opened(first="chargeback")
    take_in_all()
    append_sync(crossing_out(first, 2, ["text"], says=crossed(2, "text"), actor="agent:1", key="x"))
    assert _found("charge") == [second]
    assert not Word.objects.filter(word="voucher").exists()
    say(second, "my voucher")
    take_in_all()
    assert _found("vou") == [second]


def test_what_is_crossed_out_before_it_was_taken_in_never_comes_in() -> None:
    conversation = opened(first=f"My card is {CARD}.")
    take_in(limit=0)
    append_sync(crossing_out(conversation, 2, ["text"], says=crossed(2, "text"), actor="agent:1", key="x"))
    take_in_all()
    assert _found(CARD) == []
    assert not Word.objects.filter(word=CARD).exists()


def test_a_batch_read_before_a_crossing_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = opened(first=f"My card is {CARD}.")
    take_in(limit=0)
    stored = follow.stored

    def crossed_meanwhile(*arguments, **named):  # type: ignore[no-untyped-def]
        events = stored(*arguments, **named)
        monkeypatch.undo()
        append_sync(crossing_out(conversation, 2, ["text"], says=crossed(2, "text"), actor="agent:1", key="x"))
        return events

    monkeypatch.setattr(follow, "stored", crossed_meanwhile)
    assert take_in().events == 0
    take_in_all()
    assert _found(CARD) == []
    assert Follower.objects.get().crossings == 2, "the beginning counts as one"


def test_the_word_is_in_no_file_of_the_index_afterwards(database: str) -> None:
    for n in range(40):
        say(opened(first=f"Line {n}"), f"Answer {n}", actor=TOM)
        take_in_all()
    conversation = opened(first=f"My card is {CARD}.")
    take_in_all()
    for n in range(40):
        say(conversation, f"Answer {n}", actor=TOM if n % 2 else NADIA)
        take_in_all()
    assert _in_files(database), "else this test shows nothing"
    cross_out(conversation, 2, ["text"], says=crossed(2, "text"), actor="agent:1", key="x")
    assert not _in_files(database)
    assert _found("line ")


def _in_files(database: str) -> bool:
    if connection.vendor == "sqlite":
        return any(CARD.encode() in file.read_bytes() for file in Path(database).parent.glob(Path(database).name + "*"))
    # Of tables PostgreSQL itself says where free space may keep old octets until it is used again; GIN keeps words as words.
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('search_words')")
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT pg_read_binary_file(pg_relation_filepath('search_words'))")
        return CARD.encode() in bytes(cursor.fetchone()[0])


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """So that some hundred rows already stand in many windows."""
    monkeypatch.setattr(search_postgres, "NEWEST", 8)
    monkeypatch.setattr(search_postgres, "WINDOWS", (("@a", 3), ("@b", 5), ("@c", 7)))
    yield


@pytest.mark.usefixtures("small_windows")
def test_rare_and_common_words_are_found_wherever_they_stand() -> None:
    rare = opened(first="needle")
    hay = [opened(first=f"hay {'straw' if n % 50 == 0 else ''}") for n in range(150)]
    late = opened(first="needle")
    hay += [opened(first="hay") for _ in range(30)]
    take_in_all()
    assert _found("needle") == [late, rare]
    assert _found("hay ") == list(reversed(hay))[:20]
    assert _found("straw ") == [hay[100], hay[50], hay[0]]
    below = search("hay ", sites=[1], limit=100).older
    assert [hit.conversation for hit in search("hay ", sites=[1], below=below, limit=100).hits] == list(reversed(hay))[100:]


@pytest.mark.usefixtures("small_windows")
def test_a_small_site_finds_its_own_among_very_many_of_others() -> None:
    theirs = []
    for n in range(130):
        opened(first="hay")
        if n % 40 == 0:
            theirs.append(opened(site=2, first="hay"))
    take_in_all()
    assert _found("hay ", sites=(2,)) == list(reversed(theirs))
    assert _found("hay ", sites=(3,)) == []


def test_a_customer_is_found_under_every_name_they_had() -> None:
    conversation = new_id()
    append_sync(opening(conversation, by=""))
    say(conversation, ConversationOpened(by="Nadia Berg", customer=NADIA))
    take_in_all()
    assert _found("berg", who_only=True) == [conversation]
