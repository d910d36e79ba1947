"""Signed mail through a real MTA, both ways: what we send can be checked by anybody, and what customers sign is known for theirs."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Callable, Iterator

import dkim
import pytest

from tests.journeys.shop import Shop
from tests.mailgateway import mails
from tests.mailgateway.signing_keys import record, signed
from tests.services import Postfix, RunningServer
from tests.services.dns import NameServer

pytestmark = pytest.mark.journey

NADIA = "nadia@customer.example"
US = "support@support.example"


@pytest.fixture
def names() -> Iterator[NameServer]:
    server = NameServer({("_dmarc.customer.example", "TXT"): ["v=DMARC1; p=reject"], ("s1._domainkey.customer.example", "TXT"): [record()]})
    yield server
    server.stop()


async def test_what_is_signed_on_either_side_is_known_on_the_other(
    server_factory: Callable[..., RunningServer], postfix: Postfix, gateway_port: int, names: NameServer
) -> None:
    server = server_factory(
        smtp_port=gateway_port, relay=f"127.0.0.1:{postfix.port}", dns=names.address, dkim="s1", mail_fronts="127.0.0.1"
    )
    made = await asyncio.to_thread(server.run, "dkim", "s1")
    zone_line = made.stdout.splitlines()[-1]
    names.put(zone_line.split(". IN TXT ")[0], "TXT", "".join(zone_line.split(" IN TXT ")[1].split('"')[1::2]))
    shop = Shop(await asyncio.to_thread(server.start))
    async with shop.agent("Tom") as tom:
        await tom.send("queue", name="open")
        theirs = signed(mails.mail("Where is my lamp – it should be here?\r\n", To=US, Content_Type="text/plain; charset=utf-8"))
        await asyncio.to_thread(_post, postfix.port, theirs)
        row = await tom.next("row", within=30)
        conversation: str = row["row"]["conversation"]
        await tom.send("watch", conversation=conversation, after=0)
        said = await tom.next("event", kind="message.said", conversation=conversation, within=30)
        assert said["body"]["proof"] == "signed=customer.example spf=none dkim=pass dmarc=pass"
        await tom.done("reply", conversation, text="It left this morning – late, sorry.", by="email")
        await asyncio.to_thread(postfix.wait_for_mail, "nadia", count=2)
    files = sorted((postfix.maildirs / "nadia" / "new").glob("*"))
    for file in files:
        assert dkim.verify(file.read_bytes(), dnsfunc=_from(names)), file.read_text()


def _post(port: int, raw: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.sendmail(NADIA, [US], raw, mail_options=["BODY=8BITMIME"])


def _from(names: NameServer) -> Callable[..., bytes]:
    def published(name: bytes, timeout: int = 5) -> bytes:
        value = names.records[(name.decode().rstrip("."), "TXT")][0]
        return "".join(value.split('"')[1::2]).encode()

    return published
