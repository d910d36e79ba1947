"""A chat with Socket.IO and PostgreSQL as one would write it: a room for each conversation, one INSERT a message, an ack, an emit.

It checks nobody's identity, seals nothing and cannot be resumed.
"""

from __future__ import annotations

from typing import Any

import socketio
from django.db import connection
from psycopg_pool import AsyncConnectionPool

CONNECTIONS = 8
INSERT = "INSERT INTO said (room, key, body) VALUES (%s, %s, %s) ON CONFLICT (key) DO NOTHING"
TABLE = """
CREATE TABLE IF NOT EXISTS said (
    id bigserial PRIMARY KEY, room text NOT NULL, key text UNIQUE NOT NULL, body text NOT NULL, at timestamptz NOT NULL DEFAULT now()
)
"""


def application() -> Any:
    server = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")
    pool = AsyncConnectionPool(_database(), min_size=CONNECTIONS, max_size=CONNECTIONS, kwargs={"autocommit": True}, open=False)
    opened = False
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    connection.close()

    @server.event
    async def connect(sid: str, environ: dict[str, Any], auth: dict[str, str]) -> None:
        nonlocal opened
        if not opened:
            opened = True
            await pool.open()
        await server.enter_room(sid, auth["room"])

    @server.event
    async def say(sid: str, line: dict[str, str]) -> str:
        async with pool.connection() as held:
            await held.execute(INSERT, (line["room"], line["key"], line["text"]))
        await server.emit("said", {"key": line["key"], "text": line["text"]}, room=line["room"], skip_sid=sid)
        return line["key"]

    return socketio.ASGIApp(server)


def _database() -> str:
    from psycopg.conninfo import make_conninfo

    parts = connection.settings_dict
    return make_conninfo(host=parts["HOST"], port=parts["PORT"], user=parts["USER"], password=parts["PASSWORD"], dbname=parts["NAME"])
