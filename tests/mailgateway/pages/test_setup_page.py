"""The set-up page sends the test mail and shows what becomes of it, line by line, or whole for browsers without script."""

from __future__ import annotations

import json

import pytest
from django.conf import settings
from django.test import AsyncClient

from chat.people.models import Agent
from tests.mailgateway.gateway import Gateway


@pytest.fixture(autouse=True)
def known_host(monkeypatch) -> None:
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["testserver"])
    monkeypatch.setattr(settings, "NAME_SERVERS", ["off"])


async def test_each_step_is_a_line(gateway: Gateway) -> None:
    browser = await _browser(gateway, role="admin")
    answer = await browser.post("/setup/mail/shop/try", headers={"accept": "application/x-ndjson"})
    assert answer.status_code == 200 and answer["Content-Type"] == "application/x-ndjson"
    steps = [json.loads(line) for line in b"".join([part async for part in answer.streaming_content]).splitlines()]
    assert (steps[0]["state"], steps[0]["name"]) == ("trouble", "out")
    assert "THROUGHLINE_RELAY" in steps[0]["cure"]
    assert {"SPF", "DKIM", "DMARC"} <= {step["name"] for step in steps}


async def test_without_script_the_page_has_them_all(gateway: Gateway) -> None:
    page = (await (await _browser(gateway, role="admin")).post("/setup/mail/shop/try")).content.decode()
    assert "No relay is set: outgoing mail stays in the local mailbox" in page and '<li class="is-trouble">' in page


async def test_the_page_tells_by_which_doors_mail_comes(gateway: Gateway, monkeypatch) -> None:
    browser = await _browser(gateway, role="admin")
    page = (await browser.get("/setup/mail/shop/")).content.decode()
    assert "support+…@support.example" in page and f"port {settings.SMTP_PORT}" in page
    monkeypatch.setattr(settings, "IMAP", ("imap.example.com", 993))
    monkeypatch.setattr(settings, "IMAP_USER", "support@example.com")
    monkeypatch.setattr(settings, "MAIL_HOOKS", {"postmark": ("s" * 16,)})
    monkeypatch.setattr(settings, "MAIL_SEPARATOR", "none")
    page = (await browser.get("/setup/mail/shop/")).content.decode()
    assert "support@example.com at imap.example.com" in page and "/mail/hooks/postmark/" in page
    assert "by their references" in page


@pytest.mark.parametrize("role", ["agent", "lead"])
async def test_only_administrators_send_it(gateway: Gateway, role: str) -> None:
    assert (await (await _browser(gateway, role=role)).post("/setup/mail/shop/try")).status_code == 403


async def test_it_is_sent_by_a_button_and_by_no_link(gateway: Gateway) -> None:
    assert (await (await _browser(gateway, role="admin")).get("/setup/mail/shop/try")).status_code == 405


async def _browser(gateway: Gateway, *, role: str) -> AsyncClient:
    agent = await Agent.objects.acreate(email="ruth@shop.example", name="Ruth", role=role)
    await agent.sites.aadd(gateway.site)
    browser = AsyncClient()
    await browser.aforce_login(agent, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser
