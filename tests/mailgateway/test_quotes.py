"""Answer, quote and signature: over the fixture sets with floors, over twelve languages, and in linear time."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.charset import clean
from mailgateway.parser import parse
from mailgateway.quotes import MARKER_TOKEN, MARKERS, split
from tests.mailgateway import habits, mails

ANSWERS = mails.table("answers.json")


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_answers_of_the_reply_parser_sets_are_found_as_a_reader_finds_them() -> None:
    right = [name for name, answer in ANSWERS.items() if squeezed(split(clean(mails.raw(name).decode("utf-8"))).answer) == answer]
    assert len(ANSWERS) == 69 - 1
    # What is missed is a company's banner and a disclaimer, which stay visible in the answer.
    assert len(right) >= len(ANSWERS) - 2, sorted(set(ANSWERS) - set(right))


@pytest.mark.parametrize("path", sorted((mails.FOLDER / "talon-standard-replies").glob("*.eml")), ids=lambda path: path.stem)
def test_the_standard_replies_of_mail_programs_are_hello(path: Path) -> None:
    found = split(parse(path.read_bytes()).text)
    beside = path.with_name(f"{path.stem}_reply_text")
    assert found.answer.strip() == "Hello"
    if beside.exists():
        assert squeezed(f"{found.answer} {found.signature}") == squeezed(beside.read_text("utf-8"))


@pytest.mark.parametrize("line", [line for lines in habits.ATTRIBUTIONS.values() for line in lines])
@pytest.mark.parametrize("mark", ["> ", ""], ids=["marked", "unmarked"])
def test_the_line_above_a_quote_is_known_in_many_languages(line: str, mark: str) -> None:
    found = split(f"Yes please.\n\n{line}\n\n{mark}Shall we send it?\n")
    assert found.answer == "Yes please."
    assert squeezed(found.quoted) == squeezed(f"{line} {mark}Shall we send it?")


@pytest.mark.parametrize("line", [lines[0] for lines in habits.ATTRIBUTIONS.values()])
def test_answers_below_and_between_quotes_stay_in_every_language(line: str) -> None:
    found = split(f"Hello Tom,\n\n{line}\n> Which colour?\n\nGreen.\n\n> And when?\nFriday.\n\n> Tom\n")
    assert found.answer == "Hello Tom,\n\nGreen.\n\nFriday."
    assert split(f"{line}\n\n> Which colour?\n\nGreen.\n").answer == "Green."


@pytest.mark.parametrize("language", habits.LABELS)
@pytest.mark.parametrize("colon", [": ", " : ", ":\t", "\u00a0: "], ids=["plain", "french", "tab", "hard"])
def test_copied_header_lines_begin_the_history(language: str, colon: str) -> None:
    sender, sent, to, subject, original = habits.LABELS[language]
    rules = ["", "________________________________\n", f"-----{original}-----\n", f"-------- {original} --------\n\n"]
    for rule, bold in itertools.product(rules, ("", "*", "**")):
        values = ((sender, "Tom Reed <tom@shop.example>"), (sent, "2026-03-03 10:12"), (to, "Nadia Lang"), (subject, "Re: Lamp"))
        block = "\n".join(f"{bold}{label}{colon.rstrip()}{bold} {value}" for label, value in values)
        found = split(f"Yes please.\n\n{rule}{block}\n\nShall we send it?\n")
        assert (found.answer, found.quoted) == ("Yes please.", f"{rule}{block}\n\nShall we send it?")
        # A header line in front of everything belongs to a mail that was passed on without a word.
        assert split(f"{block}\n\nIt broke.\n").answer.endswith("It broke.")
        # And so does one below a word, when the subject says so.
        assert split(f"For you.\n\n{rule}{block}\n\nIt broke.\n", forwarded=True).answer.endswith("It broke.")


@pytest.mark.parametrize("marker", [*MARKERS.values(), f"-- Bitte oben antworten! -- {MARKER_TOKEN}"])
@pytest.mark.parametrize("mark", ["", "> "], ids=["unmarked", "marked"])
def test_our_marker_line_ends_the_answer(marker: str, mark: str) -> None:
    found = split(f"Yes please.\n\n{mark}{marker}\n{mark}\n{mark}Shall we send it?\n")
    assert found.answer == "Yes please."


@pytest.mark.parametrize(
    "marker",
    [
        "| -- Write your answer above this line. It reaches the same conversation. --",
        "— Write your answer above\nthis line. It reaches the same conversation. —",
        "*-- Schreiben Sie Ihre Antwort über diese Zeile. Sie erreicht dieselbe Unterhaltung. --*",
        "-- Please answer above, we read every word of it --\n[#tl-above#]",
        "-- Szakrazd, preg vantor! -- &#91;#tl-above#&#93;",
        "-- &Eacute;crivez votre r&eacute;ponse au-dessus de cette ligne. Elle rejoint la m&ecirc;me conversation. --",
    ],
)
@pytest.mark.parametrize(
    "heading",
    ["", "Qxz 3 plim Tom Reed <tom@shop.example> brumolt:\n\n", "Zuk: Tom\nPlom: 3 murz\nVra: Nadia\n\n"],
    ids=["bare", "line", "block"],
)
def test_our_marker_line_is_known_however_it_was_changed_and_takes_a_strange_heading_along(marker: str, heading: str) -> None:
    found = split(f"Yes please.\n\n{heading}{marker}\n\nShall we send it?\n")
    assert found.answer == "Yes please."
    assert "".join(piece.text for piece in found.pieces).startswith("Yes please.")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        # A sentence right above the heading, with a date of its own.
        ("On the 3rd it broke\nOn Tue, 3 Mar 2026 at 10:12, Tom <tom@shop.example> wrote:\n> Hm", "On the 3rd it broke"),
        # Wrapped in every way.
        ("Yes.\n\nOn Mar 3, 2026,\nat 10:12,\nTom Reed <tom@shop.example> wrote:\n\n> Hm", "Yes."),
        ("Yes.\n\nOn Tue, 3 Mar 2026 at 10:12 Tom Reed\n\n<\nmailto:tom@shop.example\n> wrote:\n\nHm", "Yes."),
        ('Yes.\n\nAm 03.03.2026 10:12 schrieb "Tom Reed" <tom@shop.example\n>:\n\n> Hm', "Yes."),
        # Web mailers that name nobody's time: known by the quote below.
        ("Yes.\n\nQuoting Tom Reed <tom@shop.example>:\n\n> Hm", "Yes."),
        ("Yes.\n\nZitat von Tom Reed <tom@shop.example>:\n\n> Hm", "Yes."),
        ("Here is all that I know of tom@shop.example:\n\n> Hm", "Here is all that I know of tom@shop.example:"),
        # On one line with the answer's last words.
        ("Yes. On Tue, 3 Mar 2026 at 10:12, Tom <tom@shop.example> wrote:\n> Hm", "Yes."),
        ("On Friday I said yes.--- On Tue, 3 Mar 2026 at 10:12, Tom <tom@shop.example> wrote:\n\nHm", "On Friday I said yes."),
        # Two copied lines that say when, and from whom.
        ("Yes.\n\nFrom: tom@shop.example\nDate: Tue, 3 Mar 2026 10:12:13 +0100\n\nHm", "Yes."),
        # The rest of a quoted line that was too long.
        ("Yes.\n\nTom wrote:\n> Shall we send it to the address that you have given us at the\nbeginning of this?\n> Tom", "Yes."),
        ("Tom wrote:\n> Shall we send it?\nYes.\n> Tom", "Yes."),
        # A form on a web page.
        ("A new message:\n\nFrom: Nadia\nDate: 3 Mar\nSubject: Lamp\nMessage: It broke.", None),
        ("A new message:\n\nFrom: Nadia\nDate: 3 Mar\nSubject: Lamp\n\nYour message:\nIt broke.", None),
        # Speech, not a heading.
        ("On 3 March 2026 at 10:12 I wrote:\n\nIt is broken.", "On 3 March 2026 at 10:12 I wrote:\n\nIt is broken."),
        ("At 10:12 your robot wrote:\n\nGo away.", "At 10:12 your robot wrote:\n\nGo away."),
        # Header lines in one, and without their accents.
        ("Oui.\n\n** De : Tom **\n** Envoye : mardi **\n** Objet : Lampe **\n\nHm", "Oui."),
        # An empty answer below a heading, or one whose quote has no marks: all is shown.
        ("On Tue, 3 Mar 2026 at 10:12, Tom <tom@shop.example> wrote:\n\nShall we?\n\nYes.", "Shall we?\n\nYes."),
        ("> Only a quote.", "> Only a quote."),
        # Lines that were chosen by hand to be answered, and those that a program put below.
        ("> And when?\n\nFriday.\n", "> And when?\n\nFriday."),
        ("Friday.\n\n> And when?\n", "Friday."),
    ],
)
def test_headings_are_told_from_sentences(text: str, answer: str | None) -> None:
    assert split(text).answer == (text if answer is None else answer)


@pytest.mark.parametrize(
    "above",
    [
        "CAUTION: This email originated from outside of the organization. Do not click links.",
        "[EXTERNAL] This message is from an external sender.",
        "ACHTUNG: Diese E-Mail kommt von außerhalb. Bitte keine Links anklicken.",
        "You don't often get email from nadia@customer.example. Learn why this is important",
        "Sent from my iPhone",
    ],
)
def test_what_servers_and_telephones_put_above_a_mail_is_folded(above: str) -> None:
    found = split(f"{above}\n\nYes please.\n")
    assert (found.answer, found.signature) == ("Yes please.", above)
    assert split(f"I ask because of this: an external sender wrote to me.\n\n{above}").answer.startswith("I ask")


@pytest.mark.parametrize(
    "disclaimer",
    [
        "This e-mail and any attachments are confidential.",
        "Diese E-Mail enthält vertrauliche Daten.",
        "Ce message et toutes les pièces jointes sont confidentiels.",
    ],
)
def test_a_company_s_last_words_are_folded(disclaimer: str) -> None:
    found = split(f"Yes please.\n\nBest regards,\nNadia\n\n{disclaimer}\nDestroy it.\n\nThank you.\n")
    assert found.answer == "Yes please.\n\nBest regards,\nNadia"


def test_a_line_of_dashes_does_not_make_a_long_text_a_signature() -> None:
    text = "First.\n--\n" + "\n".join(f"Point {n}." for n in range(60))
    assert split(text).answer == text


def test_answers_between_and_below_quotes_are_answers() -> None:
    text = "On 3 Mar 2026, Tom wrote:\n> Which colour?\n\nGreen.\n\n> And when?\nFriday.\n\n> Best, Tom\n"
    assert split(text).answer == "Green.\n\nFriday."


def test_a_forwarded_mail_is_content() -> None:
    block = "From: Tom <tom@shop.example>\nDate: Tue\nSubject: Lamp"
    text = f"Please look at this:\n\n---------- Forwarded message ---------\n{block}\n\nIt broke.\n-- \nTom\n"
    assert split(text).answer == text.rstrip("\n")
    alone = "From: Tom\nSent: Tuesday\nTo: Nadia\nSubject: Lamp\n\nIt broke.\n"
    assert split(alone).answer == alone.rstrip("\n")


@pytest.mark.parametrize("line", [line for lines in habits.FORWARDS.values() for line in lines])
@pytest.mark.parametrize("mark", ["", "> "], ids=["plain", "marked"])
def test_what_is_passed_on_is_marked_and_shown(line: str, mark: str) -> None:
    found = split(f"For you.\n\n{mark}{line}\n{mark}\n{mark}Tom: a@b.example\n{mark}\n{mark}It broke.\n")
    assert found.forwarded
    assert found.answer.endswith(f"{mark}It broke.")
    assert not found.quoted


@pytest.mark.parametrize("line", [*habits.DEVICES, "-- \nNadia Lang\nLamps & Co."])
def test_signatures_are_marked(line: str) -> None:
    found = split(f"Yes please.\n\n{line}\n")
    assert (found.answer, found.signature) == ("Yes please.", line)


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote: it is broken.",
        "As I wrote on 12 May:\nthe lamp is broken.",
        "From: the shop\nI got a lamp.",
        "Sent from my desk, it is easier.",
        "The list:\n- red\n- green\n-5 pieces",
        "Look -- this is no signature.",
        "On the 3rd it broke.\nOn the 4th too.",
    ],
)
def test_what_only_looks_like_a_quote_stays_answer(text: str) -> None:
    assert split(text).answer == text


def test_a_mail_of_a_signature_alone_is_shown() -> None:
    assert split("-- \nNadia").answer == "-- \nNadia"


@given(
    st.lists(
        st.sampled_from(
            ["> q", "a", "", "-- ", "On 3 Mar 2026, Tom wrote:", "From: x", "Sent: y", "To: z", "____________", *MARKERS.values()]
        )
    )
)
def test_the_pieces_joined_are_the_text(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert "".join(piece.text for piece in split(text).pieces) == text


@given(st.text())
def test_the_pieces_of_any_text_joined_are_the_text(text: str) -> None:
    assert "".join(piece.text for piece in split(text).pieces) == text


@pytest.mark.parametrize(
    "unit",
    [
        "On ",
        "On \n",
        "On 1\n",
        "On On On On On On On On On On On On On\n",
        "On " * 120 + ":\n",
        "On 2026 a@b.c wrote\n",
        "wrote:\n",
        "> ",
        ">\n",
        "From: x\n",
        "From: x\nTo: y\na\na\na\n",
        "____\n",
        "a@",
        "a@b\n",
        "<",
        "2020-" + "<" * 300 + "\n",
        "-- \n",
        "--\n\n",
        "Mon ",
        "-Aa\n\n",
        "\n",
        " ",
        "Sent from my ",
    ],
    ids=repr,
)
def test_a_quarter_of_a_megabyte_of_anything_ends(unit: str) -> None:
    text = unit * (240 * 1024 // len(unit))
    began = time.process_time()
    split(text)
    # A hang is what this looks for; what it costs stands in the benchmarks.
    assert time.process_time() - began < 2
