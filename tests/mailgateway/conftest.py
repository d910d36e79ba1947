"""The gateway as a fixture. What it is made of is imported late: Django is not set up when this file is read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.mailgateway.gateway import Gateway


@pytest.fixture
async def gateway(database: str) -> AsyncIterator[Gateway]:
    from tests.mailgateway.gateway import gateway as running

    async with running() as gateway:
        yield gateway
