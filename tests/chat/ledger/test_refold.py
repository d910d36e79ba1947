"""A store of an earlier version has what follows from its events in this one, once it is migrated. The same on both engines."""

from __future__ import annotations

import pytest
from django.db import connection

from chat.ledger import read
from chat.ledger.check import check
from chat.ledger.refold import refold_all
from tests.chat.ledger.cast import opened, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


def test_state_and_columns_are_those_of_this_version() -> None:
    conversations = [opened(first="My lamp came with a dent.") for _ in range(3)]
    say(conversations[0], "Hello?")
    after = {cid: read.head(cid) for cid in conversations}
    with connection.cursor() as cursor:
        cursor.execute("UPDATE chat_conversation SET state = '{}', keep_day = 0, status = 'new'")
    assert check(conversations[0]) is not None
    assert refold_all() == 3
    assert {cid: read.head(cid) for cid in conversations} == after
    assert [check(cid) for cid in conversations] == [None, None, None]
