"""The short text that an event keeps about who wrote a mail."""

from __future__ import annotations

import pytest

from chat.events.authorship import SENTENCES, Authorship


def test_what_is_kept_is_read_again() -> None:
    told = Authorship("signed", "customer.example", (("spf", "pass"), ("dkim", "pass")), front=True)
    assert told.coded() == "signed=customer.example spf=pass dkim=pass front"
    assert Authorship.read(told.coded()) == told
    assert told.sentence() == "Signed by customer.example"


@pytest.mark.parametrize("coded", ["", "   ", "rubbish", "rubbish=x dkim=pass"])
def test_an_event_that_keeps_nothing_of_it_says_nothing(coded: str) -> None:
    assert Authorship.read(coded) is None


def test_every_code_has_a_sentence_for_agents_and_the_page_has_the_same() -> None:
    from pathlib import Path

    page = (Path(__file__).parents[3] / "static/inbox/authorship.js").read_text()
    assert all(f'{code}: "{sentence}"' in page for code, sentence in SENTENCES.items())
