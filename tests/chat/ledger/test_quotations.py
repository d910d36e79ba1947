"""Words are found again in a reply that wrapped, marked and changed the case of them; short common words are not looked for."""

from __future__ import annotations

import pytest

from chat.ledger.quotations import Words, squeezed

SAID = "My lamp came with a dent.\nMy card is 4111 1111 1111 1111, please refund it there."


@pytest.mark.parametrize(
    "reply",
    [
        "> My lamp came with a dent.\n> My card is 4111 1111 1111\n> 1111, please refund it there.\n\nThanks",
        "On Monday Nadia wrote:\n>> MY LAMP CAME WITH A\n>> DENT. my card is 4111 1111 1111 1111, please refund it there.",
        "You said: My card is 4111 1111 1111 1111.",
        "| my card is 4111 1111 1111 1111, please\u00a0refund it there",
    ],
)
def test_a_quotation_is_found(reply: str) -> None:
    assert Words([SAID]).stand_in(reply)


@pytest.mark.parametrize("reply", ["", "Thank you, the lamp came.", "4111", "ok"])
def test_other_words_are_left_alone(reply: str) -> None:
    assert not Words([SAID]).stand_in(reply)


def test_what_everybody_says_is_not_looked_for() -> None:
    words = Words(["Ok", "Thanks!", "Nadia"])
    assert not words.stand_in("Ok, thanks, Nadia!")


def test_an_address_is_found_however_short_the_text() -> None:
    assert Words(["n@b.example"]).stand_in("Sent to N@B.example today")


def test_a_text_of_a_million_characters_takes_no_time_to_speak_of() -> None:
    long = "> " * 500_000
    assert not Words([SAID, "9" * 200_000, "@" * 100_000, "a" * 1_000_000, "a@" * 300_000, "1 " * 7]).stand_in(long)
    assert len(squeezed(long)) < len(long)
