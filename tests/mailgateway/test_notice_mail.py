"""The mail a month before the end says the day, what happens then, and where to keep it longer."""

from __future__ import annotations

import time
from email import message_from_bytes, policy

from chat.actions import ending
from chat.ledger import keeping, read
from chat.ledger.deliveries import take
from chat.ledger.keeping import DAY
from mailgateway.sending import writing
from mailgateway.sending.wording import day_of
from tests.chat.nadia import ADDRESS, NadiasCase


def test_the_notice_goes_to_the_confirmed_address_with_the_day_and_a_link(database: str) -> None:
    case = NadiasCase().tell()
    ending.run({case.site.pk: case.site}, now=time.time_ns() // 1000 + 150 * DAY)
    head = read.head(case.conversation)
    assert head is not None
    parcel = next(p for p in take("email", limit=50, lease=1) if p.position == head.position)
    mail = writing.write(parcel)
    assert mail.to == ADDRESS
    message = message_from_bytes(mail.raw, policy=policy.default)
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    day = day_of(keeping.ends_at(head.state, keep_days=180))
    assert f"until {day}" in " ".join(text.split())
    assert "choose to have it kept longer" in " ".join(text.split())
    assert "/r/#" in text
    assert message["Auto-Submitted"] == "auto-generated"
