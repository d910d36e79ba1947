"""The gateway as a fixture. What it is made of is imported late: Django is not set up when this file is read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from tests.services import MailSink

if TYPE_CHECKING:
    from tests.mailgateway.gateway import Gateway


@pytest.fixture
async def gateway(database: str) -> AsyncIterator[Gateway]:
    from tests.mailgateway.gateway import gateway as running

    async with running() as gateway:
        yield gateway


@pytest.fixture
async def chat(database: str) -> int:
    """Nadia chatted and told her address; nobody answered yet."""
    from tests.mailgateway.chatting import chatted

    return await chatted()


@pytest.fixture
def relay(mail_sink: MailSink, monkeypatch: pytest.MonkeyPatch) -> MailSink:
    """A relay that keeps what it is given."""
    from django.conf import settings

    monkeypatch.setattr(settings, "RELAY", f"127.0.0.1:{mail_sink.port}")
    return mail_sink
