"""A colleague passes a customer's mail on from their own mailbox: it opens a case of the customer, if it really was the colleague."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chat.events.talk import MessageSaid, NoteAdded
from chat.ledger import read
from chat.people.models import Agent
from mailgateway.proof import evidence
from mailgateway.proof.lookups import Dns
from tests.mailgateway.gateway import Gateway, entries
from tests.mailgateway.mails import mail
from tests.mailgateway.signing_keys import record, signed

pytestmark = pytest.mark.engine
PLAIN = "support@support.example"
FORWARDED = """\
Please look at this, it is urgent.

---------- Forwarded message ---------
From: Nadia Lang <nadia@customer.example>
Date: Fri, 20 Nov 2026 at 10:12
Subject: My lamp
To: Tom <tom@shop.example>

My lamp hums.
"""


@pytest.fixture(autouse=True)
def names() -> Iterator[None]:
    """The key of Tom's own mail domain."""
    key = record().encode()
    before = evidence.look_up_with(Dns(lambda name, kind, seconds: ([key] if "s1._domainkey.shop.example" in name else [], 60.0)))
    yield
    evidence.look_up_with(before)


@pytest.fixture
def tom(database: str) -> Agent:
    return Agent.objects.create_user("tom@shop.example", "lamps and shades", name="Tom")


def from_tom(body: str = FORWARDED, **fields: str) -> bytes:
    known = {"From": "Tom <tom@shop.example>", "Subject": "Fwd: My lamp", "To": PLAIN, "Message-ID": "<t1@shop.example>"}
    return mail(body, **(known | fields))


async def test_a_mail_that_a_colleague_passes_on_is_a_case_of_its_author(gateway: Gateway, tom: Agent) -> None:
    await gateway.bring(signed(from_tom(), domain="shop.example"), sender="tom@shop.example")
    (conversation,) = read.all_conversations()
    state = read.head(conversation).state
    assert (state.customer.name, state.customer.address, state.customer.confirmed) == ("Nadia Lang", "nadia@customer.example", False)
    assert state.subject == "My lamp"
    said = [entry.body for entry in entries(conversation) if isinstance(entry.body, MessageSaid)]
    assert [(one.text, one.by, one.doubt, one.found_by) for one in said] == [("My lamp hums.", "Nadia Lang", "forwarded", "passed-on")]
    (note,) = [entry for entry in entries(conversation) if isinstance(entry.body, NoteAdded)]
    assert "Please look at this, it is urgent." in note.body.text
    assert note.actor == tom.ref
    assert "receipt.acknowledged" not in [entry.kind for entry in entries(conversation)]


async def test_a_mail_that_a_colleague_attaches_is_one_too(gateway: Gateway, tom: Agent) -> None:
    inside = mail("My lamp hums.\n", Subject="My lamp")
    file = b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + inside + b"\r\n--b--\r\n"
    raw = from_tom("", MIME_Version="1.0", Content_Type='multipart/mixed; boundary="b"')
    raw = raw.rstrip(b"\r\n") + b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee below\r\n" + file
    await gateway.bring(signed(raw, domain="shop.example"), sender="tom@shop.example")
    (conversation,) = read.all_conversations()
    assert read.head(conversation).state.customer.address == "nadia@customer.example"
    assert [entry.body.text for entry in entries(conversation) if isinstance(entry.body, MessageSaid)] == ["My lamp hums."]


async def test_whoever_only_claims_to_be_a_colleague_opens_a_case_of_their_own(gateway: Gateway, tom: Agent) -> None:
    await gateway.bring(from_tom(), sender="tom@shop.example")
    (conversation,) = read.all_conversations()
    assert read.head(conversation).state.customer.address == "tom@shop.example"


async def test_a_colleagues_own_mail_is_their_own(gateway: Gateway, tom: Agent) -> None:
    await gateway.bring(signed(from_tom("My own lamp hums.\n", Subject="Lamp"), domain="shop.example"), sender="tom@shop.example")
    (conversation,) = read.all_conversations()
    assert read.head(conversation).state.customer.address == "tom@shop.example"
