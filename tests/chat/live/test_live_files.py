"""Files on their way in and out: owned, attached, fetched by those who may see them, and unknown to everybody else."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
import uuid
from typing import Any

import pytest

from chat.people import uploads
from tests.chat.live.line import Client, Live, served

pytestmark = pytest.mark.usefixtures("database")
PICTURE = b"\x89PNG\r\n\x1a\n" + b"lamp" * 1000


def request(url: str, data: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    asked = urllib.request.Request(url, data=data, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, dict(answer.headers), answer.read()


async def fetched(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return await asyncio.to_thread(request, url, **headers)


async def uploaded(live: Live, content: bytes, *, name: str = "dent.png", declared: str = "image/png", **headers: str) -> tuple[int, Any]:
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {declared}\r\n\r\n'
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    headers["Content-Type"] = f"multipart/form-data; boundary={boundary}"
    status, _, answer = await asyncio.to_thread(request, f"{live.url}/files", body, **headers)
    return status, json.loads(answer)


async def with_a_picture(live: Live, nadia: Client) -> tuple[str, dict[str, Any]]:
    """Nadia's conversation and the event that holds her picture."""
    conversation: str = (await nadia.done("open", text="Hello"))["conversation"]
    status, upload = await uploaded(live, PICTURE, **{"X-Visitor": nadia.frames[0]["visitor"]})
    assert status == 201 and upload["media_type"] == "image/png" and upload["size"] == len(PICTURE)
    ack = await nadia.done("say", conversation, text="See here.", attachments=[upload["upload"]])
    return conversation, await nadia.next("event", position=ack["position"])


async def test_a_picture_is_sent_attached_and_fetched_by_both_sides() -> None:
    async with served() as live, live.nadia() as nadia:
        conversation, event = await with_a_picture(live, nadia)
        (file,) = event["body"]["attachments"]
        assert (file["name"], file["index"]) == ("dent.png", 0)
        status, headers, content = await fetched(live.url + file["url"])
        assert (status, content) == (200, PICTURE)
        assert headers["Content-Disposition"] == 'attachment; filename="dent.png"' and headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("sandbox") and headers["Content-Type"] == "image/png"
        plain = f"{live.url}/files/{conversation}/{event['position']}/0"
        assert (await fetched(plain, Cookie=live.cookie("Tom")))[2] == PICTURE
        assert (await fetched(plain, **{"X-Visitor": nadia.frames[0]["visitor"]}))[2] == PICTURE


async def test_a_file_is_unknown_to_strangers_in_the_same_words_as_one_that_is_not_there() -> None:
    async with served() as live, live.nadia() as nadia, live.nadia() as stranger:
        conversation, event = await with_a_picture(live, nadia)
        hers = f"{live.url}/files/{conversation}/{event['position']}/0"
        foreign = {"X-Visitor": stranger.frames[0]["visitor"]}
        forged = event["body"]["attachments"][0]["url"].replace("customer:", "customer:9")
        answers = [
            await fetched(f"{hers}?k=%C2%B2.a.b"),
            await fetched(f"{live.url}{forged}%C3%A9"),
            await fetched(hers),
            await fetched(hers, **foreign),
            await fetched(hers[:-1] + "7", **foreign),
            await fetched(f"{live.url}/files/{'9' * 30}/1/0", **foreign),
            await fetched(live.url + forged),
        ]
        assert {(status, body) for status, _, body in answers} == {(404, answers[0][2])}


async def test_nobody_attaches_somebody_elses_upload() -> None:
    async with served() as live, live.nadia() as nadia, live.nadia() as stranger:
        _, upload = await uploaded(live, PICTURE, **{"X-Visitor": nadia.frames[0]["visitor"]})
        await stranger.do("open", key="k", text="Mine", attachments=[upload["upload"]])
        refused = await stranger.next("refused", key="k")
        assert (refused["code"], refused["field"]) == ("form", "attachments")


async def test_an_upload_that_is_too_large_is_refused_and_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 10_000)
    async with served() as live, live.nadia() as nadia:
        for size in (10_001, 100_000):
            status, answer = await uploaded(live, b"x" * size, **{"X-Visitor": nadia.frames[0]["visitor"]})
            assert (status, answer["code"]) == (413, "too-large")


async def test_an_agents_cookie_uploads_from_our_own_pages_only() -> None:
    async with served() as live:
        cookie = live.cookie("Tom")
        assert (await uploaded(live, PICTURE, Cookie=cookie, Origin="https://evil.example"))[0] == 404
        assert (await uploaded(live, PICTURE, Cookie=cookie))[0] == 404
        assert (await uploaded(live, PICTURE, Cookie=cookie, Origin=live.url))[0] == 201


async def test_a_page_in_disguise_goes_out_as_octets() -> None:
    async with served() as live, live.nadia() as nadia:
        token = {"X-Visitor": nadia.frames[0]["visitor"]}
        _, page = await uploaded(live, b"<script>alert(1)</script>", name="../../a.html", declared="text/html", **token)
        _, liar = await uploaded(live, b"<script>alert(1)</script>", name="a.png", declared="image/png", **token)
        assert page["name"] == "a.html" and liar["media_type"] == "application/octet-stream"
        ack = await nadia.done("open", text="Hello", attachments=[page["upload"]])
        event = await nadia.next("event", position=ack["position"])
        headers = (await fetched(live.url + event["body"]["attachments"][0]["url"]))[1]
        assert headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\photos\\dent.jpg", "dent.jpg"),
        ("/etc/passwd", "passwd"),
        ("evil\u202egpj.exe\0", "evilgpj.exe"),
        ("...", "file"),
        ("", "file"),
        ("a" * 300 + ".jpeg", "a" * 115 + ".jpeg"),
    ],
)
def test_names_of_files_are_made_harmless(sent: str, kept: str) -> None:
    assert uploads.clean_name(sent) == kept
