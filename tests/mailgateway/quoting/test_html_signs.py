"""What mail programs set apart in HTML: the answer is found by the elements, in languages that nobody here knows."""

from __future__ import annotations

import pytest

from mailgateway.quotes import split
from mailgateway.quoting.html_text import to_text

# In no language: only the elements tell.
WROTE = "Qxz 3 plim Tom Reed brumolt:"
HEADER = "<b>Zuk:</b> Tom Reed<br><b>Plom:</b> 3 murz<br><b>Vra:</b> Nadia<br><b>Trel:</b> Lamp"
OLD = "<div>Shall we send it?</div>"

REPLIES = {
    "gmail": f'<div dir="ltr">Yes.</div><br><div class="gmail_quote gmail_quote_container"><div class="gmail_attr">{WROTE}<br></div>'
    f'<blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px solid">{OLD}</blockquote></div>',
    "outlook web": f'<div class="elementToProof">Yes.</div><div id="appendonsend"></div><hr tabindex="-1"><div id="divRplyFwdMsg">'
    f"<font>{HEADER}</font><div>&nbsp;</div></div>{OLD}",
    "outlook": '<div class="WordSection1"><p class="MsoNormal">Yes.</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;'
    f'padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">{HEADER}</p></div></div><p class="MsoNormal">Shall we send it?</p></div>',
    "outlook seen in a browser": '<div>Yes.</div><div style="border-width:1pt medium medium; border-style:solid none none; '
    f'border-color:rgb(181,196,223); padding:3pt 0in 0in"><p>{HEADER}</p></div>{OLD}',
    "outlook on a telephone": '<div>Yes.</div><div id="mail-editor-reference-message-container">'
    f'<div class="ms-outlook-mobile-reference-message"><hr><div>{HEADER}</div>{OLD}</div></div>',
    "outlook for mac": f'<div>Yes.</div><span id="OLK_SRC_BODY_SECTION"><div>{HEADER}</div>{OLD}</span>',
    "hotmail": f'<div>Yes.</div><hr id="stopSpelling">{HEADER}<br><br>Shall we send it?',
    "apple": f'<div>Yes.</div><br><div><blockquote type="cite"><div>{WROTE}</div><br class="Apple-interchange-newline">'
    f"{OLD}</blockquote></div>",
    "thunderbird": f'<p>Yes.</p><div class="moz-cite-prefix">{WROTE}<br></div><blockquote type="cite" cite="mid:1">{OLD}</blockquote>',
    "yahoo": f'<div>Yes.</div><div id="ydp77e1yahoo_quoted_1" class="ydp77e1yahoo_quoted"><div>{WROTE}</div>{OLD}</div>',
    "proton": f'<div>Yes.</div><div class="protonmail_quote">{WROTE}<br><blockquote type="cite">{OLD}</blockquote></div>',
    "tutanota": f'<div>Yes.</div><div class="tutanota_quote">{WROTE}<br>{OLD}</div>',
    "zoho": f'<div>Yes.</div><div class="zmail_extra"><div>---- {WROTE} ----</div>{OLD}</div>',
    "zimbra": f'<div>Yes.</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__">{HEADER}</div>{OLD}',
    "spark": f'<div name="messageBodySection">Yes.</div><div name="messageReplySection">{WROTE}<br>{OLD}</div>',
    "gmx": f'<div>Yes.</div><div name="quote" style="margin:10px 5px 5px 10px; border-left:2px solid #C3D9E5">{HEADER}{OLD}</div>',
    "seen in outlook before": f'<div>Yes.</div><div class="x_gmail_quote"><div class="x_gmail_attr">{WROTE}</div>'
    f'<blockquote class="x_gmail_quote">{OLD}</blockquote></div>',
}


@pytest.mark.parametrize("program", REPLIES)
def test_the_answer_is_what_stands_outside_of_the_program_s_quote(program: str) -> None:
    found = split(to_text(REPLIES[program]))
    assert found.answer == "Yes."
    assert "Shall we send it?" in found.quoted


@pytest.mark.parametrize(
    "signature",
    [
        '<div class="gmail_signature" data-smartmail="gmail_signature">Nadia Lang<br>Lamps &amp; Co.</div>',
        '<pre class="moz-signature" cols="72">-- \nNadia Lang\nLamps &amp; Co.</pre>',
        '<div id="Signature"><p>Nadia Lang<br>Lamps &amp; Co.</p></div>',
        '<div class="x_protonmail_signature_block">Nadia Lang<br>Lamps &amp; Co.</div>',
        '<div id="ms-outlook-mobile-signature">Nadia Lang<br>Lamps &amp; Co.</div>',
    ],
)
@pytest.mark.parametrize("quote", ["", f'<blockquote type="cite">{OLD}</blockquote>'], ids=["alone", "above a quote"])
def test_a_program_s_signature_is_a_signature(signature: str, quote: str) -> None:
    found = split(to_text(f"<div>Yes.</div>{signature}{quote}"))
    assert found.answer == "Yes."
    assert found.signature.removeprefix("--").strip() == "Nadia Lang\nLamps & Co."


def test_words_below_a_signature_stay_in_the_answer() -> None:
    found = split(to_text('<div>Yes.</div><div class="gmail_signature">Nadia Lang</div><div>And one more thing!</div>'))
    assert found.answer.split("\n")[-1] == "And one more thing!"


def test_answers_between_quotes_stay_answers() -> None:
    source = (
        f'<div class="gmail_quote"><div class="gmail_attr">{WROTE}</div><blockquote class="gmail_quote">Which colour?</blockquote>'
        '<div>Green.</div><blockquote class="gmail_quote">And when?</blockquote><div>Friday.</div></div>'
    )
    assert split(to_text(source)).answer == "Green.\n\nFriday."


def test_words_that_were_only_indented_are_no_quote() -> None:
    source = '<div>Three points:</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>green</div></blockquote>'
    assert split(to_text(source)).answer == "Three points:\n\ngreen"


def test_a_frame_or_a_quote_in_a_letter_s_layout_hides_nothing() -> None:
    frame = '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p>Our news</p></div><p>A lamp.</p>'
    quote = '<div class="quote">They say it shines.</div>'
    assert split(to_text(f"<p>Hello.</p>{frame}")).answer == "Hello.\n\nOur news\n\nA lamp."
    assert split(to_text(f"<p>Hello.</p>{quote}")).answer == "Hello.\n\nThey say it shines."


def test_what_is_passed_on_is_shown() -> None:
    source = (
        '<div>For you.</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>'
        f"From: Tom</div>{OLD}</div>"
    )
    found = split(to_text(source))
    assert found.forwarded
    assert found.answer.endswith("Shall we send it?")
    # Without a word of its own nothing of the mail is hidden, whatever the elements say.
    assert "Shall we send it?" in split(to_text(REPLIES["outlook"].replace("Yes.", ""))).answer
