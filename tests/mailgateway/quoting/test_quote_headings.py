"""Headings of quotes, and what stands before quoted lines, as real mails have them."""

from __future__ import annotations

import pytest

from mailgateway.quotes import split


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("mark", [">", "|", ")", ":", "TB>"])
def test_answers_between_quoted_lines_are_shown_whatever_stands_before_these(mark: str) -> None:
    quoted = f"On 11/08/02 07:39 -0500, Tom Baker <tom@shop.example> wrote:\n{mark} Which lamp?\n{mark}\n{mark} And which bulb?\n"
    text = f"Hello,\n\n{quoted}\nThe blue one.\n\n{mark} Shall we come?\n\nPlease do.\n"
    assert squeezed(split(text).answer) == "Hello, The blue one. Please do."


@pytest.mark.parametrize("left_out", ["[...]", "…", "<snip>", "--- cut ---"])
def test_what_was_left_out_of_a_quote_does_not_hide_the_answer_below(left_out: str) -> None:
    heading = "On Tue, 3 Mar 2026 at 10:12, Tom Baker <tom@shop.example> wrote:\n\n"
    text = f"Hello,\n\n{heading}{left_out}\n> Which lamp?\n\nThe blue one.\n\n{left_out}\n> Which bulb?\n\nThe small one.\n"
    assert squeezed(split(text).answer) == "Hello, The blue one. The small one."


@pytest.mark.parametrize(
    "heading",
    [
        "Op za 8 mei 2021 om 12:09 schreef\nTom Baker <tom@shop.example>:\n\n> Welke lamp?\n",
        "Am Sa., 8. Mai 2021 um 12:09 Uhr schrieb\nTom Baker <tom@shop.example>:\n\n> Welche Lampe?\n",
        "2021/5/8 Tom Baker <\ntom@shop.example>\n\n> Which lamp?\n",
    ],
)
def test_a_heading_may_be_wrapped_behind_its_verb_or_within_its_brackets(heading: str) -> None:
    assert squeezed(split(f"The blue one.\n\n{heading}").answer) == "The blue one."


def test_the_source_of_a_mail_that_somebody_pastes_is_shown() -> None:
    source = "Received: from a.example by b.example; Tue, 3 Mar 2026 10:12:00 +0100\nFrom: Spam <s@a.example>\nTo: nadia@customer.example\n"
    text = f"Is this from you?\n\n{source}Subject: Win a lamp\nDate: Tue, 3 Mar 2026 10:12:00 +0100\n\nClick here.\n"
    found = split(text)
    assert found.forwarded
    assert squeezed(found.answer) == squeezed(text)
    assert split("--- begin forwarded text\n\nFrom: a@b.example\nTo: c@d.example\nSubject: Lamps\n\nNew.\n").forwarded


def test_what_the_writer_quotes_above_the_history_belongs_to_the_answer() -> None:
    own = "Here you go:\n\n> lamp = 1\n\nWhat do you think?\n"
    history = "\nOn Tue, 3 Mar 2026 at 10:12, Tom Baker <tom@shop.example> wrote:\n\n> Show me.\n"
    assert squeezed(split(own + history).answer) == squeezed(own)
