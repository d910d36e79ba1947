"""The signed marker in the text of our mails."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from mailgateway.reply_address import Tag
from mailgateway.tags import Altered
from mailgateway.text_marker import find, make

KEYS = {1: b"marker" * 6}
KEY = (1, KEYS[1])


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1))
def test_a_marker_is_found_in_quoted_text(conversation: int, addressee: int) -> None:
    made = make(conversation, addressee=addressee, key=KEY)
    assert find(f"Yes.\n\n> Reference BR-4821. {made.upper()}\n> Just answer.", KEYS) == Tag(conversation, addressee)


def test_a_broken_marker_is_noticed_and_a_whole_one_beside_it_counts() -> None:
    made = make(5, addressee=1, key=KEY)
    broken = made[:5] + ("a" if made[5] != "a" else "b") + made[6:]
    assert isinstance(find(f"text {broken} text", KEYS), Altered)
    assert isinstance(find(made[:9] + made[10:], KEYS), Altered)
    assert find(f"{broken} {made}", KEYS) == Tag(5, 1)
    assert find("no marker [#7] here [#tl-above#]", KEYS) is None


def test_a_text_full_of_brackets_takes_a_moment() -> None:
    began = time.process_time()
    assert find("[#" * 120_000 + "[#aaaaaaaa" * 20_000, KEYS) is None
    assert time.process_time() - began < 0.5
