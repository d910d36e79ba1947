"""What spam filters in front wrote into a mail, and what becomes of it."""

from __future__ import annotations

import time

import pytest

from chat.ledger import received, retain
from chat.ledger.keeping import DAY
from chat.ledger.models import Received
from mailgateway import inbound
from mailgateway.inbound import Post
from mailgateway.proof import spam
from mailgateway.reading import headers
from tests.mailgateway import mails
from tests.mailgateway.gateway import Gateway, said

FRONT = Post(sender="nadia@customer.example", recipients=("support@support.example",), peer="10.0.0.2", trusted=True)


def judged(head: str) -> tuple[str, str]:
    found = spam.judged(headers.fields(head.encode()))
    return found.verdict, found.score


@pytest.mark.parametrize(
    ("head", "verdict", "score"),
    [
        ("X-Spamd-Result: default: False [1.20 / 15.00];\n\tARC_NA(0.00)[]", "ham", "1.20"),
        ("X-Spamd-Result: default: True [18.21 / 15.00]; BAYES_SPAM(5.10)[100.00%]", "spam", "18.21"),
        ("X-Spam: Yes", "spam", ""),
        ("X-Rspamd-Score: 7.5\nX-Spam: No", "ham", "7.5"),
        ("X-Spam-Flag: YES\nX-Spam-Score: 9.9", "spam", "9.9"),
        ("X-Spam-Status: Yes, score=12.9 required=5.0 tests=BAYES_99", "spam", "12.9"),
        ("X-Spam-Status: No, hits=-2.6 required=5.0", "ham", "-2.6"),
        ("X-Spam-Status: No, score=-1.9\nX-Spam-Flag: YES", "spam", ""),
        ("X-MS-Exchange-Organization-SCL: 5", "spam", "5"),
        ("X-MS-Exchange-Organization-SCL: -1", "ham", "-1"),
        ("X-Forefront-Antispam-Report: CIP:1.2.3.4;CTRY:DE;LANG:de;SCL:1;SRV:;IPV:NLI;SFV:NSPM;", "ham", "1"),
        ("X-Forefront-Antispam-Report: CIP:1.2.3.4;SCL:9;SFV:SPM;CAT:HPHSH;", "spam", "9"),
        ("X-Mailgun-Sflag: Yes\nX-Mailgun-Sscore: 6.3", "spam", "6.3"),
        ("X-SES-Spam-Verdict: FAIL", "spam", ""),
        ("X-SES-Spam-Verdict: PASS", "ham", ""),
        ("X-SES-Spam-Verdict: GRAY", "", ""),
        ("X-Spam-Level: ****", "", ""),
        ("X-Spam-Status: perhaps\nX-Spamd-Result: rubbish [/]\nX-MS-Exchange-Organization-SCL: many", "", ""),
        ("Subject: X-Spam: Yes", "", ""),
        ("X-Spam: Yes\nX-Spam: No", "spam", ""),
        ("X-Spam: No\nX-Spam: Yes", "ham", ""),
    ],
)
def test_filters_are_read_by_their_topmost_line(head: str, verdict: str, score: str) -> None:
    assert judged(head) == (verdict, score)


@pytest.mark.engine
async def test_spam_is_kept_apart_and_gone_after_thirty_days(gateway: Gateway) -> None:
    await inbound.hand_in(mails.mail(X_Spam="Yes"), FRONT)
    await gateway.take_in()
    (row,) = received.listed(inbound.SOURCE, received.SPAM)
    assert "spam filter" in row.reason
    assert received.listed(inbound.SOURCE, received.QUARANTINED) == []
    now = time.time_ns() // 1000
    assert retain.old_mail(now=now + 29 * DAY) == {}
    assert retain.old_mail(now=now + 31 * DAY) == {"spam": 1}
    assert retain.drop_old_mail(now=now + 31 * DAY) == {row.digest}
    assert not Received.objects.filter(state=received.SPAM).exists()


@pytest.mark.engine
async def test_what_a_stranger_writes_about_spam_is_not_believed(gateway: Gateway) -> None:
    await gateway.opened(X_Spam="Yes", X_Spam_Flag="YES")
    assert received.listed(inbound.SOURCE, received.SPAM) == []


@pytest.mark.engine
async def test_an_answer_that_a_filter_dislikes_still_reaches_its_conversation(gateway: Gateway) -> None:
    from tests.mailgateway.gateway import reply

    number = await gateway.opened()
    await gateway.answer(number)
    answer = b"X-Spam: Yes\r\n" + reply(await gateway.last_mail(), "Thank you, it came.\n")
    await inbound.hand_in(answer, FRONT)
    await gateway.take_in()
    assert "Thank you, it came." in said(number)[-1].text


@pytest.mark.engine
async def test_spam_can_be_taken_in_like_a_doubtful_mail(gateway: Gateway) -> None:
    from mailgateway.deciding import by_hand

    await inbound.hand_in(mails.mail(X_Spam="Yes"), FRONT)
    await gateway.take_in()
    (row,) = received.listed(inbound.SOURCE, received.SPAM)
    assert by_hand.accept(row.id, by="agent:3")
    await gateway.take_in()
    assert Received.objects.get(pk=row.id).state == received.TAKEN
