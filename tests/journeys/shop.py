"""A shop in a running server's own database, and its agents at work over the live protocol. Knows no page."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import websockets

from tests.chat.live.line import Client
from tests.services.product import ROOT, RunningServer

OPEN = """
import json
import django
django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from chat.people.models import Agent, Site
site = Site.objects.create(key="brindle", name="Brindle Lamps", prefix="BR")
sessions = {}
for name, role in (("Tom", "agent"), ("Ines", "lead")):
    agent = Agent.objects.create_user(f"{name.lower()}@brindle.example", "linnet67-curlew34", name=name, role=role)
    agent.sites.add(site)
    session = SessionStore()
    session[SESSION_KEY] = str(agent.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
    session.save()
    sessions[name] = (agent.ref, session.session_key)
print(json.dumps(sessions))
"""


SET = """
import json, sys
import django
django.setup()
from chat.people.models import Site
Site.objects.update(**json.loads(sys.argv[1]))
"""


class Shop:
    """Brindle Lamps, with Tom and Ines."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.agents: dict[str, tuple[str, str]] = json.loads(self.run(OPEN).splitlines()[-1])

    def allow(self, origin: str) -> None:
        """Let a web origin embed the widget."""
        self.set(origins=origin)

    def set(self, **policies: str | int) -> None:
        """Change the site's settings."""
        self.run(SET, json.dumps(policies))

    def run(self, program: str, *arguments: str) -> str:
        """What a program says that works on the server's own data."""
        environment = self.server.environment() | {"DJANGO_SETTINGS_MODULE": "server.settings"}
        command = [sys.executable, "-c", program, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ref(self, name: str) -> str:
        return self.agents[name][0]

    @asynccontextmanager
    async def agent(self, name: str) -> AsyncIterator[Client]:
        """An agent's own connection, signed in."""
        headers = {"Cookie": f"sessionid={self.agents[name][1]}"}
        address = f"ws://127.0.0.1:{self.server.port}/live/inbox"
        async with websockets.connect(address, additional_headers=headers, origin=websockets.Origin(self.server.url)) as connection:
            client = Client(connection)
            await client.hello()
            yield client
