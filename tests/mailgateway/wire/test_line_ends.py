"""However a mail is cut on its way, its line ends come out the same, and nothing but line ends is changed."""

from __future__ import annotations

import itertools
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailgateway.wire.line_ends import NORMALISE, REFUSE, LineEnds

texts = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b".", b" "]), max_size=30).map(b"".join).map(lambda text: text + b"\r\n")


@settings(max_examples=300, deadline=None)
@given(texts, st.lists(st.integers(0, 40), max_size=6))
@example(b"a\r\r\n\r\n", [2, 3])
def test_every_cut_gives_the_same_text(text: bytes, places: list[int]) -> None:
    at = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    ends = LineEnds(NORMALISE)
    out = b"".join(ends.even(text[a:b]) for a, b in itertools.pairwise(at))
    assert out == re.sub(rb"\r+\n|\r|\n", b"\r\n", re.sub(rb"(?<!\r)\n\.\.", b"\n.", text))
    assert not ends.refused


@settings(max_examples=300, deadline=None)
@given(texts, st.lists(st.integers(0, 40), max_size=6))
def test_where_they_are_refused_the_text_stays_and_that_is_known(text: bytes, places: list[int]) -> None:
    at = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    ends = LineEnds(REFUSE)
    assert b"".join(ends.even(text[a:b]) for a, b in itertools.pairwise(at)) == text
    assert ends.refused == bool(re.search(rb"\r(?!\n)|(?<!\r)\n", text))
