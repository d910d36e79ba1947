"""A gateway on a free port for tests that send it mail: the real dialogue, the real parser, the real ledger, asked step by step."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import aiosmtplib

from chat.events.talk import MessageSaid
from chat.ledger import read, received
from chat.ledger.append import Command, Fact, Receipt, append
from chat.ledger.event import Audience, Kind
from chat.ledger.read import Entry
from chat.people.models import Site
from mailgateway import courier, inbound, intake, smtpd
from mailgateway.deciding import caps
from mailgateway.reading.parser_process import ParserProcess
from mailgateway.sending import local_mailbox
from tests.mailgateway.mails import mail

TOM = "agent:3"


@dataclass
class Gateway:
    """`port` takes mail; nothing else happens until a test asks for it."""

    port: int
    parser: ParserProcess
    site: Site

    async def post(self, raw: bytes, *, to: str | list[str] = "support@support.example", sender: str = "nadia@customer.example") -> str:
        """Through SMTP. Gives the words after 250; raises what aiosmtplib raises."""
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=self.port, start_tls=False) as client:
            _, said = await client.sendmail(sender, to, raw)
            return said

    async def take_in(self) -> None:
        """Every mail that waits."""
        while await intake.take_in(self.parser):
            pass

    async def bring(self, raw: bytes, **envelope: str) -> None:
        await self.post(raw, **envelope)
        await self.take_in()

    async def opened(self, body: str = "Where is my parcel?\n", **fields: str) -> int:
        """A conversation that a mail opened."""
        before = set(read.all_conversations())
        await self.bring(mail(body, **fields))
        (found,) = set(read.all_conversations()) - before
        return found

    async def answer(self, conversation: int, text: str = "It left this morning.", *, channel: str = "email", by: str = "Tom") -> Receipt:
        return await say(conversation, MessageSaid(by=by, text=text), key=f"answer {text}", channel=channel)

    async def mails_out(self) -> list[EmailMessage]:
        """Everything that is due is sent; gives all mails of the local mailbox, the oldest first."""
        while await courier.carry_due():
            pass
        rows = reversed(local_mailbox.mails())
        return [BytesParser(EmailMessage, policy=policy.default).parsebytes(local_mailbox.raw(row)) for row in rows]

    async def last_mail(self) -> EmailMessage:
        return (await self.mails_out())[-1]


async def say(conversation: int, body: Kind, *, key: str, channel: str = "email", actor: str = TOM) -> Receipt:
    return await append(Command(facts=(Fact(conversation=conversation, body=body, actor=actor, channel=channel, key=key),)))


def entries(conversation: int) -> list[Entry]:
    return list(read.events(conversation, audience=Audience.AGENTS))


def kinds(conversation: int) -> list[str]:
    return [entry.kind for entry in entries(conversation)]


def said(conversation: int) -> list[MessageSaid]:
    """The customers' mails in a conversation."""
    bodies = [entry.body for entry in entries(conversation) if entry.actor.startswith("customer:")]
    return [body for body in bodies if isinstance(body, MessageSaid)]


def rows(state: str) -> list[received.Arrival]:
    return received.listed(inbound.SOURCE, state)


def tag_of(message: EmailMessage) -> str:
    """The reply address of a mail of ours."""
    found = re.search(r"[\w.+-]+@[\w.-]+", str(message["Reply-To"]))
    assert found
    return found[0]


def reply(message: EmailMessage, text: str = "Thank you!\n", *, number: int = 1, **fields: str) -> bytes:
    """An answer to a mail of ours, as a mail program writes it."""
    known = {
        "To": tag_of(message),
        "Subject": f"Re: {message['Subject']}",
        "Message-ID": f"<reply-{number}@customer.example>",
        "In-Reply-To": str(message["Message-ID"]),
        "References": f"{message.get('References', '')} {message['Message-ID']}".strip(),
    }
    quoted = "".join(f"> {line}\n" for line in message.get_body(("plain",)).get_content().splitlines())
    return mail(f"{text}\nOn Fri, 20 Nov 2026 at 10:12, Tom <support@support.example> wrote:\n{quoted}", **(known | fields))


@asynccontextmanager
async def gateway() -> AsyncIterator[Gateway]:
    for cap in caps.EVERY:
        cap.counter.forget()
    site = Site.objects.create(key="shop", name="Brindle Lamps", prefix="BR")
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    listener.setblocking(False)
    server = await smtpd.listen(listener)
    try:
        async with ParserProcess() as parser:
            yield Gateway(listener.getsockname()[1], parser, site)
    finally:
        server.close()
        await asyncio.wait_for(smtpd.finish(server), 20)
