"""The bounds against loops in docs/mail.md are the ones that hold."""

from __future__ import annotations

from mailgateway.deciding import caps
from tests.house.sources import text

SAID = {
    "{} acknowledgements to one address": caps.acknowledgements,
    "{} mails to an address that nobody confirmed": caps.unconfirmed,
    "{} mails from one address that belong to no conversation yet": caps.mails,
    "{} mails into one conversation": caps.in_one,
    "{} automatic mails noted in one conversation": caps.notes,
}


def test_each_cap_is_said_as_it_is() -> None:
    page = " ".join(text("docs/mail.md").split())
    assert [words.format(cap.most) for words, cap in SAID.items() if words.format(cap.most) not in page] == []
    assert set(SAID.values()) == set(caps.EVERY)
