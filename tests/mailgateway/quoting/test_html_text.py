"""HTML bodies as text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.quoting.html_text import to_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo\n"),
        ("<div>One</div><div>Two<br>Three</div>", "One\nTwo\nThree\n"),
        ("<ul><li>red</li><li>green</li></ul>", "* red\n* green\n"),
        ("<pre>a\n  b</pre>", "a\n  b\n"),
        ("a &lt;b&gt; &amp;&nbsp;c", "a <b> & c\n"),
        ('<a href="https://x.example/y">here</a>', "here <https://x.example/y>\n"),
        ('<a href="https://x.example/">https://x.example</a>', "https://x.example\n"),
        ("<script>alert(1)</script><style>p{}</style>seen", "seen\n"),
        ("x<blockquote>y<blockquote>z</blockquote></blockquote>w", "x\n\n> y\n>\n> > z\n\nw\n"),
        ("<p>never <b>closed", "never closed\n"),
        ("", ""),
        ("<img src=x>", ""),
    ],
)
def test_a_body_reads_as_it_looks(source: str, text: str) -> None:
    assert to_text(source) == text


@given(st.text(alphabet="<>/abpdivquote \"'=&;!-\n", max_size=300))
def test_no_markup_makes_it_fail(source: str) -> None:
    to_text(source)


@pytest.mark.parametrize("unit", ["<b>", "<blockquote>", "<a href='x'>", "<p><b><i>", "</div>", "<!--", "&amp;", "<td>"])
def test_endless_markup_takes_a_bounded_time(unit: str) -> None:
    began = time.process_time()
    to_text(unit * (200_000 // len(unit)))
    assert time.process_time() - began < 5


@pytest.mark.parametrize("bomb", ["<div>" * 100_000, "".join(f"<b id={n}><p>" for n in range(20_000))])
def test_elements_without_end_inside_each_other_are_read_at_once(bomb: str) -> None:
    begun = time.process_time()
    assert to_text(f"Where is <i>my</i> lamp? {bomb}").split() == ["Where", "is", "my", "lamp?"]
    assert time.process_time() - begun < 2
