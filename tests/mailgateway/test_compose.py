"""Letters as mails: headers that cannot be broken, two parts that say the same, nothing that loads."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway import text_marker
from mailgateway.automatic import classify
from mailgateway.compose import HandOver, Letter, LetterFile, Line, PromiseLine, Unsendable, compose, subject_line
from mailgateway.parser import ParsedMail, parse
from mailgateway.quotes import MARKER_TOKEN, MARKERS, split
from mailgateway.quoting import html_text
from mailgateway.sending.letter_words import WORDS
from mailgateway.sending.tongue import spoken

DAY = 86_400_000_000
AT = 1_795_772_400_000_000

LETTER = Letter(
    site="Brindle Lamps",
    signer="Tom Reed",
    customer="Nadia Lang",
    to="nadia@customer.example",
    from_address="support@shop.example",
    reply_address="support+agaaaaaaaaaaaaaaaaaahc6j2qgb2zil6vmwc@shop.example",
    message_id="tl.aeaaaaaaaaaaabiaaaaaaciaaaaadmpcpzlakilcdciey@shop.example",
    case_number="BR-4821",
    subject="Dented shade on Heron lamp",
    lines=(Line("Tom Reed", AT, "email", "Hello Nadia,\n\nyes: EUR 40 <today>.", ("terms.pdf",)),),
    promises=(PromiseLine("Refund of EUR 40", AT + DAY, "Promised by Ines on 21 Nov; now in the hands of Tom."),),
    hand_over=HandOver("Ines passed you to Tom on Mon 23 Nov.", "card refunds above EUR 30 need approval by Tom."),
    last=(
        Line("Nadia", AT - DAY, "email", "Will it go to the card & when?"),
        Line("Ines", AT - 2 * DAY, "widget", "I will refund EUR 40."),
    ),
    in_reply_to="a83c1f@mail.example",
    references=("first@mail.example", "second@mail.example"),
    chat_link="https://shop.example/c/BR-4821#a=1&b=2",
    record_link="https://shop.example/r/BR-4821",
    kept_until="24 May 2027",
    files=(LetterFile("terms.pdf", "application/pdf", b"%PDF-1.7"),),
    text_marker=text_marker.make(4821, addressee=7, key=(1, b"k")),
    date=AT,
)


def sent(letter: Letter) -> ParsedMail:
    return parse(compose(letter).as_bytes())


def test_the_letter_arrives_as_it_was_meant() -> None:
    parsed = sent(LETTER)
    assert parsed.sender is not None
    assert (parsed.sender.name, parsed.sender.address) == ("Tom Reed, Brindle Lamps", "support@shop.example")
    assert [(box.name, box.address) for box in parsed.reply_to] == [("Brindle Lamps", LETTER.reply_address)]
    assert parsed.subject == "Re: Dented shade on Heron lamp [BR-4821]"
    assert parsed.message_id == LETTER.message_id
    assert parsed.references == ("first@mail.example", "second@mail.example", "a83c1f@mail.example")
    assert parsed.in_reply_to == ("a83c1f@mail.example",)
    assert parsed.date == AT
    assert [(one.name, one.content) for one in parsed.attachments] == [("terms.pdf", b"%PDF-1.7")]
    assert parsed.text.startswith(MARKERS["en"])
    assert parsed.notes == ()


def test_both_parts_say_the_same() -> None:
    parsed = sent(LETTER)
    shown = html_text.to_text(parsed.html)
    for words in (
        "EUR 40 <today>",
        "terms.pdf",
        "Refund of EUR 40 by Sat 28 Nov 2026",
        "in the hands of Tom",
        "Ines passed you to Tom",
        "card refunds above",
    ):
        assert words in parsed.text
        assert words in shown
    for words in (
        "Will it go to the card & when?",
        "Nadia, Thu 26 Nov 09:40, by e-mail",
        "in chat",
        LETTER.chat_link,
        LETTER.record_link,
        "24 May 2027",
    ):
        assert words in parsed.text
        assert words in shown
    assert LETTER.text_marker in parsed.text
    assert LETTER.text_marker in shown


def test_the_html_part_loads_nothing() -> None:
    html = sent(LETTER).html
    assert not re.search(r"<(img|script|link|iframe|object|video|audio|form)\b|src=|url\(|@import|background=", html, re.IGNORECASE)
    assert set(re.findall(r'href="([^"#?]*)', html)) == {"https://shop.example/c/BR-4821", "https://shop.example/r/BR-4821"}


def test_an_unconfirmed_address_gets_the_new_lines_only() -> None:
    bare = replace(
        LETTER,
        last=(),
        chat_link="",
        record_link="",
        kept_until="",
        files=(),
        promises=(),
        hand_over=None,
        not_me_link="https://shop.example/no#x",
    )
    parsed = sent(bare)
    assert "What we said last" not in parsed.text + parsed.html
    assert parsed.attachments == ()
    assert re.findall(r"https://\S+", parsed.text) == ["https://shop.example/no#x"]


def test_unseen_lines_of_a_chat_are_told_apart() -> None:
    lines = (Line("Tom Reed", AT, "widget", "Are you there?"), Line("Ines", AT + 60_000_000, "widget", "We found it."))
    text = sent(replace(LETTER, lines=lines, opening="You had left the chat when we answered.", time_zone="Europe/Berlin")).text
    assert "You had left the chat when we answered." in text
    assert "Tom Reed, Fri 27 Nov 10:40, in chat:\nAre you there?" in text
    assert "Ines, Fri 27 Nov 10:41, in chat:\nWe found it." in text


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("Lamp", "Re: Lamp [BR-4821]"),
        ("RE: Lamp", "RE: Lamp [BR-4821]"),
        ("Re: Lamp [BR-4821]", "Re: Lamp [BR-4821]"),
        ("", "Your conversation with Brindle Lamps [BR-4821]"),
        ("Lamp\r\nBcc: ruth@shop.example", "Re: Lamp Bcc: ruth@shop.example [BR-4821]"),
    ],
)
def test_the_subject_stays_the_customers_own(subject: str, shown: str) -> None:
    assert subject_line(replace(LETTER, subject=subject)) == shown
    assert sent(replace(LETTER, subject=subject)).subject == shown


def test_a_letter_is_written_in_german_with_its_dates_and_its_marker() -> None:
    parsed = sent(replace(LETTER, language="de", marker=MARKERS["de"], left=("dent.zip (34.0 MB)",)))
    for words in (
        "Schreiben Sie Ihre Antwort über diese Zeile.",
        "IHNEN ZUGESAGT\n  * Refund of EUR 40 bis Sa 28. Nov. 2026",
        "Für Sie aufbewahrt, nicht mitgeschickt:\n  * dent.zip (34.0 MB)",
        "Nadia, Do 26. Nov. 09:40, per E-Mail",
        "Vorgang BR-4821.",
    ):
        assert words in parsed.text
    shown = html_text.to_text(parsed.html)
    for words in ("Zugesagt: Refund of EUR 40 bis Sa 28. Nov. 2026", "dent.zip (34.0 MB)", "Was zuletzt gesagt wurde", "Vorgang BR-4821."):
        assert words in shown
    assert sent(replace(LETTER, language="de", subject="")).subject == "Ihre Unterhaltung mit Brindle Lamps [BR-4821]"
    assert not re.search(
        r"\b(the|your|this|with)\b", re.sub(r">.*|https.*|Ines passed.*|.*card refunds.*|.*Refund of.*|.*Promised by.*", "", parsed.text)
    )


def test_every_language_has_all_words() -> None:
    keys = {frozenset(words) for language, words in WORDS.items() if language != "en"}
    assert len(keys) == 1, "a catalogue lacks what another one has"
    for words in WORDS.values():
        for english, own in words.items():
            assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", own)), english
    assert set(WORDS) <= set(MARKERS)


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (["Where is my parcel? Thanks"], "en"),
        (["Hallo, meine Lampe hat eine Delle. Können Sie mir helfen?"], "de"),
        (["ok"], "en"),
        (["Bestellung 4711", "Wo ist das Paket? Ich warte auf eine Antwort."], "de"),
        ([], "en"),
    ],
)
def test_the_language_is_that_of_the_customers_small_words(texts: list[str], language: str) -> None:
    assert spoken(texts) == language


def test_a_letter_written_again_is_the_same_to_its_last_octet() -> None:
    assert compose(LETTER).as_bytes() == compose(LETTER).as_bytes()


def test_an_address_beyond_ascii_stands_in_the_header_as_it_is() -> None:
    raw = compose(replace(LETTER, to="żaneta@customer.example")).as_bytes()
    assert "<żaneta@customer.example>".encode() in raw
    assert b"References: " in raw and raw.count(b"\r\n ") >= 2


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60), st.text(max_size=200))
def test_no_name_subject_or_text_breaks_out_of_its_header(customer: str, signer: str, subject: str, text: str) -> None:
    letter = replace(
        LETTER, customer=customer, signer=signer, subject=subject, lines=(Line(signer, AT, "email", text, (subject,)),), files=()
    )
    raw = compose(letter).as_bytes()
    message = message_from_bytes(raw, policy=default)
    assert [name for name in message.keys() if name.lower() in {"to", "bcc", "from", "reply-to"}] == ["From", "To", "Reply-To"]  # noqa: SIM118
    assert [box.address for box in parse(raw).to] == ["nadia@customer.example"]
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


@pytest.mark.parametrize(
    "to",
    ["", "nadia", "nadia@", "a b@x.example", "nadia@x.example\r\nBcc: tom@x.example", "nadia@x.example, tom@x.example", "<a@x.example>"],
)
def test_an_address_that_is_none_is_refused(to: str) -> None:
    with pytest.raises(Unsendable):
        compose(replace(LETTER, to=to))


def test_long_identifiers_stay_whole_and_long_chains_are_cut_in_the_middle() -> None:
    chain = tuple(f"{n}{'x' * 200}@mail.example" for n in range(60))
    parsed = sent(replace(LETTER, references=chain))
    assert parsed.references[0] == chain[0]
    assert parsed.references[-2:] == (chain[-1], "a83c1f@mail.example")
    assert parsed.references[1:-1] == chain[-19:]
    assert len(parsed.references) == 21, "the first, and the last twenty"


def test_an_identifier_from_outside_cannot_inject_a_header() -> None:
    raw = compose(replace(LETTER, in_reply_to="x@y>\r\nBcc: tom@x.example", references=("a b", "ü@x", ""))).as_bytes()
    assert b"Bcc" not in raw
    assert parse(raw).references == ()


def test_an_acknowledgement_says_that_it_is_automatic_and_an_answer_that_it_is_not() -> None:
    message = compose(replace(LETTER, automatic="auto-replied"))
    assert (message["Auto-Submitted"], message["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    assert classify(parse(message.as_bytes())).kind == "auto_reply"
    message = compose(LETTER)
    assert (message["Auto-Submitted"], message["X-Auto-Response-Suppress"]) == (None, None)
    assert classify(parse(message.as_bytes())).kind == ""
    assert classify(parse(message.as_bytes()), own=frozenset({"support@shop.example"})).kind == "loop"


@pytest.mark.parametrize("marker", [MARKERS["de"], "-- Answer up here, please --"])
def test_what_is_answered_above_the_quoted_letter_is_the_answer(marker: str) -> None:
    letter = sent(replace(LETTER, marker=marker))
    for quoted in (letter.text, "> " + letter.text.replace("\n", "\n> "), html_text.to_text(letter.html)):
        assert split(f"Thank you!\n\n{quoted}").answer == "Thank you!"


def test_a_marker_of_the_sites_own_carries_the_token() -> None:
    assert MARKER_TOKEN in sent(replace(LETTER, marker="-- Up here --")).text
    assert MARKER_TOKEN not in sent(LETTER).text
