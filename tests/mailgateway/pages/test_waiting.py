"""Mail that does not leave: health and leads hear of it, and somebody sends it now, or gives it up under their own name."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import AsyncClient, Client

from chat.ledger import deliveries
from chat.ledger.backlog import backlog
from chat.people.models import Agent, Site
from mailgateway import courier
from mailgateway.sending import stuck
from tests.mailgateway.chatting import chatted
from tests.mailgateway.gateway import entries
from tests.services import MailSink, free_port

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def named_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["testserver"])
    monkeypatch.setattr(stuck, "WAITED", -1)
    monkeypatch.setattr(stuck, "REMEMBERED", 0)


@pytest.fixture
async def put_off(database: str, relay: MailSink) -> int:
    """Nadia's mail server says "later"."""
    relay.refuse_to = {"customer.example": "450 4.2.0 Greylisted, try again"}
    conversation = await chatted(answer="We refund EUR 40.")
    await courier.carry_due()
    return conversation


def agent(role: str = "lead", *, name: str = "Ruth") -> AsyncClient:
    made = Agent.objects.create_user(f"{name.lower()}@brindle.example", None, name=name, role=role)
    made.sites.add(*Site.objects.all())
    browser = Client()
    browser.force_login(made)
    client = AsyncClient()
    client.cookies = browser.cookies
    return client


async def page(client: AsyncClient, path: str = "/mailbox/waiting/") -> str:
    return (await client.get(path)).content.decode()


async def test_the_list_says_to_whom_how_often_and_what_was_said(put_off: int) -> None:
    shown = await page(agent())
    assert "BR-1" in shown and "n…@customer.example" in shown and "nadia@" not in shown
    assert "Tried 1 time." in shown and "450 4.2.0 Greylisted, try again" in shown


async def test_a_lead_sends_it_now(put_off: int, relay: MailSink) -> None:
    relay.refuse_to = {}
    assert await courier.carry_due() == 0
    number = deliveries.of(put_off, 3, "email").id
    answered = await agent().post(f"/mailbox/waiting/{number}", {"what": "now"})
    assert answered.status_code == 302
    assert await courier.carry_due() == 1
    relay.wait_for(1)
    assert entries(put_off)[-1].kind == "mail.sent"


async def test_a_lead_gives_it_up_under_their_own_name(put_off: int, relay: MailSink) -> None:
    number = deliveries.of(put_off, 3, "email").id
    lead = agent()
    for _ in range(2):
        await lead.post(f"/mailbox/waiting/{number}", {"what": "give-up"})
    last = entries(put_off)[-1]
    assert (last.kind, last.values["of"], last.values["said"]) == ("mail.bounced", 3, "Given up by Ruth after 1 attempts.")
    assert last.actor.startswith("agent:")
    assert deliveries.of(put_off, 3, "email").state == "bounced"
    relay.refuse_to = {}
    assert await courier.carry_due() == 0
    assert "Nothing waits here." in await page(lead)


async def test_what_is_being_sent_at_this_moment_is_left_alone(put_off: int) -> None:
    number = deliveries.of(put_off, 3, "email").id
    deliveries.at_once([number])
    assert deliveries.take("email", limit=1, lease=60)
    lead = agent()
    await lead.post(f"/mailbox/waiting/{number}", {"what": "give-up"})
    assert entries(put_off)[-1].kind == "mail.delayed"
    assert "It is being sent at this moment." in await page(lead)


async def test_all_of_a_page_is_tried_at_once_and_pages_do_not_overlap(
    database: str, relay: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mailgateway.pages import waiting

    monkeypatch.setattr(waiting, "PAGE", 2)
    monkeypatch.setattr(settings, "RELAY", f"127.0.0.1:{free_port()}")
    site = Site.objects.create(key="shop", name="Brindle Lamps", prefix="BR")
    for number in range(3):
        await chatted(100 + number, site=site, answer="Hello.")
    await courier.carry_due()
    lead = agent()
    first = await page(lead)
    assert first.count("<article") == 2
    after = deliveries.of(101, 3, "email").id
    assert f"?after={after}" in first
    assert (await page(lead, f"/mailbox/waiting/?after={after}")).count("<article") == 1
    monkeypatch.setattr(settings, "RELAY", f"127.0.0.1:{relay.port}")
    await lead.post("/mailbox/waiting/all")
    assert await courier.carry_due() == 2


async def test_agents_and_leads_of_other_shops_see_and_do_nothing(put_off: int) -> None:
    assert (await agent("agent", name="Tom").get("/mailbox/waiting/")).status_code == 403
    assert (await AsyncClient().get("/mailbox/waiting/")).status_code == 302
    other = agent(name="Paul")
    Agent.objects.get(name="Paul").sites.clear()
    assert "BR-1" not in await page(other)
    number = deliveries.of(put_off, 3, "email").id
    await other.post(f"/mailbox/waiting/{number}", {"what": "give-up"})
    assert deliveries.of(put_off, 3, "email").state == "delayed"


async def test_a_queue_that_is_stuck_is_told_in_words(put_off: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lead = agent()
    assert stuck.trouble() == ""
    assert (await lead.get("/mailbox/waiting/state")).json() == {"trouble": "", "page": "/mailbox/waiting/"}
    monkeypatch.setattr(settings, "MAIL_STUCK", 0)
    monkeypatch.setattr(stuck, "MANY", 0)
    assert "put off again and again" in stuck.trouble()
    assert "Stuck:" in await page(lead)
    assert "put off" in (await lead.get("/mailbox/waiting/state")).json()["trouble"]
    deliveries.at_once([deliveries.of(put_off, 3, "email").id])
    assert backlog().deliveries_put_off == 0
    await courier.carry_due()
    assert backlog().deliveries_put_off == 1
