"""A mail with colours and pictures, looked at in the inbox: shown as it was sent, and nothing is loaded before Tom presses for it."""

from __future__ import annotations

import asyncio
import smtplib
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.desk import Desk
from tests.journeys.shop import Shop
from tests.services import RunningServer

DOT = bytes.fromhex("47494638396101000100800000ff00000000002c00000000010001000002024401003b")


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """A server of the sender's that writes down who fetches its picture."""
    asked: list[str] = []

    class Counting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {self.headers.get('Referer', '')} {self.headers.get('Cookie', '')}".strip())
            self.send_response(200)
            self.send_header("Content-Type", "image/gif")
            self.end_headers()
            self.wfile.write(DOT)

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Counting)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/open.gif", asked
    server.shutdown()
    thread.join()
    server.server_close()


def _mail(picture: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Nadia <nadia@customer.example>", "support@support.example", "The dent"
    mail["Message-ID"] = "<dent@customer.example>"
    mail.set_content("Here is the dent.\n")
    mail.add_alternative(
        f'<h2 style="color:#7a3b00">Here is the dent</h2><img alt="the dent" src="cid:dent"><img alt="logo" src="{picture}">'
        '<p><a href="https://evil.example/">bank.example</a></p><script>document.title = "owned"</script>'
        '<blockquote type="cite">Could you send us a picture?</blockquote>',
        subtype="html",
    )
    mail.get_payload()[1].add_related(DOT, "image", "gif", cid="<dent>")  # type: ignore[union-attr, index]
    return mail


async def test_tom_sees_the_mail_as_it_was_sent_and_loads_nothing_by_looking(
    running_server: RunningServer, chromium: Browser, elsewhere: tuple[str, list[str]]
) -> None:
    picture, asked = elsewhere
    shop = Shop(running_server)

    def post() -> None:
        with smtplib.SMTP("127.0.0.1", running_server.smtp_port, timeout=10) as gateway:
            gateway.send_message(_mail(picture))

    await asyncio.to_thread(post)
    tom = await Desk.of("Tom", shop=shop, chromium=chromium, path="/inbox/waiting/")
    await tom.row("The dent").click()
    line = tom.line("Here is the dent.")
    await line.get_by_text("As sent", exact=True).click()
    frame = line.frame_locator("iframe")
    await expect(frame.get_by_role("heading", name="Here is the dent")).to_be_visible()
    await expect(frame.get_by_text("[evil.example]")).to_be_visible()
    await expect(frame.get_by_text("A picture that lies elsewhere is not shown")).to_be_visible()
    await expect(frame.get_by_text("Could you send us a picture?")).to_be_hidden()
    await frame.get_by_text("Quoted mail").click()
    await expect(frame.get_by_text("Could you send us a picture?")).to_be_visible()
    assert await frame.get_by_alt_text("the dent").evaluate("image => image.naturalWidth") == 1
    assert asked == []

    await line.get_by_role("button", name="Show remote images").click()
    await expect(frame.get_by_alt_text("logo")).to_have_js_property("naturalWidth", 1)
    # Neither a cookie nor the address of the conversation went along.
    assert asked == ["/open.gif"]
    assert tom.faults == []
