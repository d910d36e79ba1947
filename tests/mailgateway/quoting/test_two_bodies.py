"""Text beside HTML: the elements decide where the text alone can only guess."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mailgateway.deciding.contents import parted
from mailgateway.parser import parse
from mailgateway.quotes import split
from mailgateway.quoting.two_bodies import agreed, letters
from tests.mailgateway import mails


def both(text: str, markup: str) -> bytes:
    parts = "".join(
        f"--b\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{body}\r\n" for kind, body in (("plain", text), ("html", markup))
    )
    return mails.mail(f"{parts}--b--\r\n", Content_Type='multipart/alternative; boundary="b"')


def test_a_quote_that_only_the_html_tells_is_folded() -> None:
    text = "Yes, see\nhttps://x.example/1\n\nNadia Lang\nLamps & Co.\n\nZuk: Tom\nPlom: murz\n\nShall we send it?"
    markup = (
        '<div>Yes, <a href="https://x.example/1">see</a></div><div id="Signature">Nadia Lang<br>Lamps &amp; Co.</div>'
        '<div id="divRplyFwdMsg">Zuk: Tom<br>Plom: murz</div><div>Shall we send it?</div>'
    )
    found = parted(parse(both(text, markup)))
    assert found.answer == "Yes, see\nhttps://x.example/1"
    assert found.signature == "Nadia Lang\nLamps & Co."
    assert found.quoted.endswith("Shall we send it?")
    assert split(text).answer != found.answer


def test_an_answer_below_marked_lines_stays_whatever_the_html_holds_it_in() -> None:
    found = split("Hello.\n\nTom wrote:\n> Shall we send it?\n\nYes.\n")
    assert agreed(found, answer=letters("Hello."), signature="").answer == "Hello.\n\nYes."


def test_two_bodies_that_differ_leave_the_text_as_it_was_read() -> None:
    found = split("Yes.\n\n> Shall we send it?")
    assert agreed(found, answer=letters("No."), signature="") == found


@given(st.text(alphabet="ab \n>-", max_size=80), st.text(alphabet="ab", max_size=20), st.text(alphabet="ab", max_size=5))
def test_nothing_is_lost_between_the_two(text: str, answer: str, signature: str) -> None:
    assert "".join(piece.text for piece in agreed(split(text), answer=answer, signature=signature).pieces) == text
