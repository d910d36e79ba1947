"""The page that a mail's own HTML becomes: nothing runs, nothing loads, nothing is lost."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.pages import mail_page
from mailgateway.pages.mail_page import page
from mailgateway.reading.parsed import MailAttachment, ParsedMail

LAMP = MailAttachment(name="lamp.png", media_type="image/png", content=b"\x89PNG lamp", content_id="lamp@customer", inline=True)


def shown(source: str, *, pictures: bool = False) -> str:
    """What stands in the page's body."""
    return page(ParsedMail(html=source, text="x", attachments=(LAMP,)), pictures=pictures).partition("<body>")[2]


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        '<form action="https://x.example"><input name=a><button>go</button></form>',
        '<meta http-equiv="refresh" content="0;url=https://x.example">',
        '<base href="https://x.example/">',
        '<link rel=stylesheet href="https://x.example/a.css">',
        "<style>@import url(https://x.example/a.css)</style>",
        '<div style="background:url(https://x.example/a.png)">x</div>',
        '<div style="background-color:ur\\6c(https://x.example/a.png)">x</div>',
        '<table background="https://x.example/a.png"><tr><td>x</td></tr></table>',
        '<iframe src="https://x.example"></iframe>',
        '<object data="https://x.example"></object><embed src="https://x.example">',
        '<svg><image href="https://x.example/a.png"/></svg>',
        '<video src="https://x.example/a.mp4" poster="https://x.example/a.png"></video>',
        '<img srcset="https://x.example/a.png 2x" src="//x.example/b.png">',
        '<div style="position:fixed;top:0">x</div>',
    ],
)
def test_what_would_run_load_or_leave_its_place_is_gone(source: str) -> None:
    for pictures in (False, True):
        found = shown(f"<p>Hello</p>{source}", pictures=pictures)
        assert "Hello" in found
        assert not re.search(
            r"x\.example|alert|javascript|<(?:form|input|meta|base|link|style|iframe|object|svg|video)|position|onerror", found
        )


def test_a_picture_that_is_named_again_and_again_makes_no_endless_page() -> None:
    large = MailAttachment(name="l.png", media_type="image/png", content=bytes(1_000_000), content_id="large", inline=True)
    found = page(ParsedMail(html='<img src="cid:large">' * 500 + "<p>The lamp broke.</p>", text="x", attachments=(large,)), pictures=False)
    assert 'src="data:image/png' in found
    assert "The lamp broke." in found
    assert len(found) < 2 * mail_page.MAX_PICTURES


def test_pictures_of_the_mail_itself_are_shown() -> None:
    found = shown('<img src="cid:lamp@customer" alt="The lamp"><img src="cid:other" alt="Another">')
    assert 'src="data:image/png;base64,' in found
    assert '<img alt="Another">' in found


def test_pictures_from_elsewhere_wait_until_somebody_asks_for_them() -> None:
    source = '<img src="https://x.example/open.gif?who=tom" width="1"><img src="http://x.example/shop.png">'
    closed = shown(source)
    assert "x.example" not in closed
    assert "2 pictures that lie elsewhere are not shown" in closed
    opened = shown(source, pictures=True)
    assert 'src="https://x.example/open.gif?who=tom"' in opened
    assert "not shown" not in opened


def test_links_say_where_they_go() -> None:
    found = shown('<a href="https://evil.example/login">www.bank.example</a> <a href="https://shop.example/a">shop.example</a>')
    assert 'title="https://evil.example/login"' in found
    assert "[evil.example]" in found
    assert "[shop.example]" not in found
    assert found.count('rel="noopener noreferrer nofollow"') == found.count('target="_blank"') == 2
    assert "[xn--" in shown('<a href="https://b\u0430nk.example/">bank.example</a>')


QUOTE = '<blockquote type="cite">Shall we send it?</blockquote>'


@pytest.mark.parametrize(
    "source",
    [
        f"<div>Yes.</div>{QUOTE}",
        '<div><p>Yes.</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p>Zuk: Tom</p></div></div>'
        "<p>Shall we send it?</p></div>",
        '<div>Yes.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">Zuk: Tom</div><div>Shall we send it?</div>',
        '<div>Yes.</div><hr id="stopSpelling">Zuk: Tom<br>Shall we send it?',
    ],
)
def test_history_is_folded_and_all_of_it(source: str) -> None:
    found = shown(source)
    before, fold, rest = found.partition('<details class="tl-fold"><summary>Quoted mail</summary>')
    assert fold
    assert "Yes." in before
    assert "Shall we send it?" in rest.partition("</details>")[0]


def test_a_mail_that_is_one_quote_stands_open() -> None:
    assert '<details class="tl-fold" open>' in shown(QUOTE)


def test_answers_between_folds_stay_outside() -> None:
    found = shown(f"{QUOTE}<p>Friday.</p>{QUOTE}")
    assert re.sub(r"<details.*?</details>", "", found, flags=re.DOTALL).count("Friday.") == 1


def test_a_mail_of_text_alone_has_its_folds_too() -> None:
    found = page(ParsedMail(text="Yes.\n\n> Shall <we> send it?\n"), pictures=False)
    assert "Quoted mail" in found
    assert "&lt;we&gt;" in found


@given(st.text(alphabet="<>/abdivhrpqloctyesm \"'=&;!-\n", max_size=300))
def test_no_markup_makes_it_fail(source: str) -> None:
    shown(source)


@given(
    st.lists(
        st.sampled_from(["<div>", "</div>", "word", QUOTE, '<div id="divRplyFwdMsg">', "<hr id=stopSpelling>", "<p>", "</p>"]), max_size=12
    )
)
def test_folds_are_closed_where_they_should_be(parts: list[str]) -> None:
    found = shown("".join(parts))
    assert found.count("<details") == found.count("</details>")
    assert found.count("word") == parts.count("word")


@pytest.mark.parametrize(
    "unit", ["<div>", QUOTE, '<a href="https://x.example">y</a>', '<img src="cid:lamp@customer">', '<div id="Signature">x</div>']
)
def test_endless_markup_ends(unit: str) -> None:
    began = time.process_time()
    shown(unit * (400_000 // len(unit)))
    # A hang is what this looks for.
    assert time.process_time() - began < 10
