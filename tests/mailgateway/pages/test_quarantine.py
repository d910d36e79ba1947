"""The page with mail to look at: why each waits, what it says, who may be its author; and one click for each decision."""

from __future__ import annotations

import pytest
from django.test import Client

from chat.ledger import blobs, read
from chat.ledger.received import DROPPED, QUARANTINED, TAKEN
from chat.people.models import Agent
from tests.mailgateway.gateway import Gateway, rows, said, tag_of
from tests.mailgateway.mails import mail

pytestmark = pytest.mark.engine
PAGE = "/mailbox/quarantine/"


def _signed_in(gateway: Gateway, name: str = "Tom", *, role: str = "agent", here: bool = True) -> Client:
    agent = Agent.objects.create_user(f"{name.lower()}@shop.example", "lamps and shades", name=name, role=role)
    if here:
        agent.sites.add(gateway.site)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(agent)
    return client


async def _waiting(gateway: Gateway) -> int:
    """A mail with an altered tag; gives the conversation it may belong to."""
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    tag = tag_of(await gateway.last_mail())
    broken = tag[:20] + ("b" if tag[20] != "b" else "c") + tag[21:]
    await gateway.bring(mail("It is <b>me</b> again.\n", Message_ID="<n2@customer.example>", Subject="Lamp, again"), to=broken)
    return conversation


async def test_the_page_says_why_a_mail_waits_and_what_it_says(gateway: Gateway) -> None:
    await _waiting(gateway)
    tom = await read.in_thread(_signed_in, gateway)
    page = (await read.in_thread(tom.get, PAGE)).content.decode()
    for words in (
        "Lamp, again",
        "nadia@customer.example",
        "not as we made it",
        "It is &lt;b&gt;me&lt;/b&gt; again.",
        "may belong to",
        "BR-1",
    ):
        assert words in page
    assert "Could not be" in page, "the proof of its author, in words"


async def test_one_click_takes_it_in_where_it_may_belong(gateway: Gateway) -> None:
    conversation = await _waiting(gateway)
    tom = await read.in_thread(_signed_in, gateway)
    (row,) = rows(QUARANTINED)
    await read.in_thread(tom.post, f"{PAGE}{row.id}/decide", {"what": "there"})
    await gateway.take_in()
    assert (said(conversation)[-1].text, said(conversation)[-1].found_by) == ("It is <b>me</b> again.", "by-hand")
    (done,) = [one for one in rows(TAKEN) if one.id == row.id]
    assert "glimpse" not in done.envelope, "what was shown of it goes with the decision"


async def test_or_as_a_conversation_of_its_own(gateway: Gateway) -> None:
    conversation = await _waiting(gateway)
    tom = await read.in_thread(_signed_in, gateway)
    await read.in_thread(tom.post, f"{PAGE}{rows(QUARANTINED)[0].id}/decide", {"what": "new"})
    await gateway.take_in()
    (new,) = set(read.all_conversations()) - {conversation}
    assert said(new)[0].text == "It is <b>me</b> again."


async def test_or_sets_it_aside_for_good(gateway: Gateway) -> None:
    await _waiting(gateway)
    tom = await read.in_thread(_signed_in, gateway)
    (row,) = rows(QUARANTINED)
    await read.in_thread(tom.post, f"{PAGE}{row.id}/decide", {"what": "leave"})
    assert [one.id for one in rows(DROPPED)] == [row.id]
    assert (await read.in_thread(tom.post, f"{PAGE}{row.id}/decide", {"what": "there"})).status_code == 404


async def test_nobody_decides_who_is_not_of_the_site(gateway: Gateway) -> None:
    await _waiting(gateway)
    (row,) = rows(QUARANTINED)
    stranger = await read.in_thread(lambda: _signed_in(gateway, "Omar", here=False))
    assert "Lamp, again" not in (await read.in_thread(stranger.get, PAGE)).content.decode()
    assert (await read.in_thread(stranger.post, f"{PAGE}{row.id}/decide", {"what": "there"})).status_code == 404
    analyst = await read.in_thread(lambda: _signed_in(gateway, "Ada", role="analyst"))
    assert (await read.in_thread(analyst.get, PAGE)).status_code == 403


async def test_a_mail_whose_file_is_gone_hides_no_other(gateway: Gateway) -> None:
    await _waiting(gateway)
    (row,) = rows(QUARANTINED)
    blobs.remove_unreferenced(row.digest)
    tom = await read.in_thread(_signed_in, gateway)
    assert "nadia@customer.example" in (await read.in_thread(tom.get, PAGE)).content.decode()
    assert (await read.in_thread(tom.get, f"{PAGE}{row.id}/raw")).status_code == 404
