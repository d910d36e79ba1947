"""Card numbers and what a site describes are masked, whatever stands around them; other numbers stay as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.people.masking import CARD, BadPattern, Rules, is_card, patterns

CARDS = Rules()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("My card is 4111 1111 1111 1111.", "My card is [card number masked, ends 1111]."),
        ("4242424242424242", "[card number masked, ends 4242]"),
        ("card:5500-0000-0000-0004!", "card:[card number masked, ends 0004]!"),
        ("Amex 3782 822463 10005, exp 12/27", "Amex [card number masked, ends 0005], exp 12/27"),
        ("4111 1111 1111 1111 12 27", "[card number masked, ends 1111] 12 27"),
        ("no 7 4111111111111111 123", "no 7 [card number masked, ends 1111] 123"),
        ("4111\u00a01111\u20111111\u20131111", "[card number masked, ends 1111]"),
        ("4242424242424242 and 4111111111111111", "[card number masked, ends 4242] and [card number masked, ends 1111]"),
        ("\uff14\uff12\uff14\uff12" * 4, "[card number masked, ends \uff14\uff12\uff14\uff12]"),
    ],
)
def test_a_card_number_is_masked(said: str, kept: str) -> None:
    assert CARDS.masked(said)[0] == kept
    assert set(CARDS.masked(said)[1]) == {"card number"}


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Order 4111 1111 1111 1112",
        "2026-11-22 10:41:07",
        "+49 170 1234567",
        "Parcel 00340434161094021501",
        "41111111111111110000",
        "x4111" * 10,
        "IBAN DE89 3704 0044 0532 0130 00",
        "1234567890123",
    ],
)
def test_other_numbers_stay(said: str) -> None:
    assert CARDS.masked(said) == (said, ())


def test_switched_off_nothing_is_masked() -> None:
    assert Rules(cards=False).masked("4242424242424242") == ("4242424242424242", ())


@given(st.text(alphabet="0123456789 -", max_size=80))
def test_what_is_left_holds_no_card_number_in_one_piece(said: str) -> None:
    kept, found = CARDS.masked(said)
    assert (kept == said) == (not found)
    for group in kept.replace("[", " ").split():
        assert not (group.isdigit() and 13 <= len(group) <= 19 and is_card(group))


def test_a_site_names_its_own_numbers() -> None:
    rules = Rules(cards=False, patterns=patterns("customer number: KD-#{6}\npassport: @##@@@###"))
    kept, found = rules.masked("I am kd-123456, passport C01xyz123, KD-1234567 is no number of theirs.")
    assert kept == "I am [customer number masked], passport [passport masked], KD-1234567 is no number of theirs."
    assert found == ("customer number", "passport")


@pytest.mark.parametrize(
    "line",
    [
        "KD-######",
        ": ####",
        "name:",
        "name: ##",
        "name: #{0}",
        "name: #{41}",
        "name: " + "#" * 81,
        "na[me: ####",
        "\n".join(["n: ####"] * 21),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused(line: str) -> None:
    with pytest.raises(BadPattern):
        patterns(line)


@pytest.mark.parametrize("text", ["1 " * 500_000, "1" * 1_000_000, "4111 " * 200_000, "a" * 1_000_000])
def test_a_megabyte_of_anything_is_looked_through(text: str) -> None:
    rules = Rules(patterns=patterns("long: a#{40}b\nmix: (a+)+#{4}"))
    rules.masked(text)


def test_a_card_is_found_in_a_whole_page_of_digits_in_any_script() -> None:
    page = " ".join(["0412", "9"] * 500 + ["4111", "1111", "1111", "1111"] + ["0412", "9"] * 500)
    masked, found = Rules().masked(page)
    assert found == (CARD,)
    assert masked == page.replace("4111 1111 1111 1111", f"[{CARD} masked, ends 1111]")
    arabic = page.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert Rules().masked(arabic)[1] == (CARD,)
