"""Text becomes the same words whatever its case, accents, punctuation and writing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.events.lifecycle import ConversationOpened
from chat.events.talk import MessageSaid
from chat.ledger import words
from chat.ledger.event import AttachmentRef, to_fields
from chat.ledger.words import Question, of_event, question

DENT = AttachmentRef(name="Dent_02.jpg", media_type="image/jpeg", size=3, digest="aa" * 32)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My LAMP, it's bent!", ["my", "lamp", "it", "s", "bent"]),
        ("Größe: Café, naïve", ["grosse", "cafe", "naive"]),
        ("nadia@customer.example", ["nadia", "customer", "example"]),
        ("BR-4821 / +49 30 1234", ["br", "4821", "49", "30", "1234"]),
        ("snake_case", ["snake", "case"]),
        ("灯具坏了", ["灯具", "具坏", "坏了"]),
        ("灯 A3灯具", ["灯", "a3", "灯具"]),
        ("が", ["が"]),
        ("Ελλάδα Й", ["ελλαδα", "и"]),
        ("한국어", ["한국어"]),
        ("\x00… ~ @", []),
    ],
)
def test_words_are_the_same_however_they_are_written(text: str, expected: list[str]) -> None:
    assert list(words.words(text)) == expected


def test_a_long_word_counts_as_far_as_its_first_forty_characters() -> None:
    assert list(words.words("a" * 50)) == ["a" * words.LONGEST]


@given(st.text(max_size=200))
def test_no_word_holds_what_an_index_would_read_as_a_command(text: str) -> None:
    for word in words.words(text):
        assert 0 < len(word) <= words.LONGEST
        assert all(letter.isalnum() for letter in word)


def test_the_last_word_may_be_only_begun_until_a_space_follows() -> None:
    assert question("dented lam") == Question(("dented",), "lam")
    assert question("dented lamp ") == Question(("dented", "lamp"), "")
    assert question("lamp lamp") == Question((), "lamp")
    assert question(" ") == Question()


def test_a_message_is_found_by_what_was_written_and_not_by_what_it_quotes() -> None:
    body = MessageSaid(by="Nadia", text="A dent", quoted="We sent it", subject="Heron", address="n@x.example", attachments=(DENT,))
    every, people = of_event("message.said", 1, to_fields(body))
    assert every == {"nadia", "a", "dent", "heron", "n", "x", "example", "02", "jpg"}
    assert people == {"n", "x", "example"}


def test_who_opened_a_conversation_is_told_apart_from_its_subject() -> None:
    body = ConversationOpened(by="Nadia", customer="customer:41", subject="Dent", address="n@x.example", page="https://shop.example/lamps")
    every, people = of_event("conversation.opened", 1, to_fields(body))
    assert every - people == {"dent"}
    assert people == {"nadia", "n", "x", "example"}


def test_an_event_of_a_kind_unknown_here_has_no_words() -> None:
    assert of_event("lamp.lit", 1, {"text": "red"}) == (set(), set())


def test_very_many_words_keep_those_that_say_who_it_is() -> None:
    text = " ".join(f"a{n}" for n in range(words.MOST * 2))
    every, people = of_event("message.said", 1, {"text": text, "address": "zoe@zzz.example"})
    assert people == {"zoe", "zzz", "example"} < every
    assert len(every) <= words.MOST + 3
