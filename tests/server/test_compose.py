"""compose.yaml and Dockerfile: what they say is accepted, asks for its secrets, and works when its commands are run as they stand."""

from __future__ import annotations

import asyncio
import re
import shlex
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from email.message import EmailMessage
from http.cookiejar import CookieJar
from pathlib import Path
from smtplib import SMTP
from typing import Any

import psycopg
import pytest
import websockets

from server.environment import TABLE
from tests.chat.live.line import Client
from tests.services import MailSink, Postgres, Redis, compose, free_port
from tests.services.compose import Container, Image

SECRETS = {"THROUGHLINE_SECRET": "5f" * 32, "POSTGRES_PASSWORD": "never-shown"}
ROLES = ("web", "mailgateway", "worker")
SHOP = {
    "shop": "Brindle Lamps",
    "key": "brindle",
    "letters": "br",
    "hue": "186",
    "name": "Ruth",
    "email": "ruth@brindle.example",
    "password": "linnet67-curlew34",
}


@pytest.fixture
def folder(services_folder: Path) -> Path:
    return services_folder / f"compose-{free_port()}"


@pytest.fixture
def services(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = compose.config(folder, **SECRETS)["services"]
    return found


def test_everything_the_set_up_needs_is_there_and_says_whether_it_is_healthy(services: dict[str, Any]) -> None:
    assert set(services) == {"migrate", *ROLES, "postgres", "redis", "mailcatcher"}
    unasked = [name for name, service in services.items() if service["healthcheck"].get("test", ["NONE"]) == ["NONE"]]
    assert unasked == ["migrate"], "Only who ends is not asked; whoever waits for it waits for that."


@pytest.mark.parametrize("name", SECRETS)
def test_without_a_secret_nothing_starts_and_the_cure_is_told(folder: Path, name: str) -> None:
    with pytest.raises(ValueError, match=f"put {name} into .env"):
        compose.config(folder, **{other: value for other, value in SECRETS.items() if other != name})


def test_nobody_is_root_and_nothing_of_ours_may_write_beside_its_folders(services: dict[str, Any]) -> None:
    assert not [name for name, service in services.items() if str(service["user"]).partition(":")[0] in ("", "0", "root")]
    for name in ("migrate", *ROLES):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["user"] == next(rest for word, rest in compose.last_stage() if word == "USER")


def test_every_variable_is_a_setting(services: dict[str, Any]) -> None:
    settings = {setting.name for setting in TABLE}
    told = set(compose.image_environment()) | {variable for name in ROLES for variable in services[name]["environment"]}
    assert {name for name in told if name.startswith("THROUGHLINE_")} <= settings


def test_the_image_takes_what_is_pinned_and_what_is_there() -> None:
    whole = list(compose.instructions())
    installs = [rest for word, rest in whole if word == "RUN" and "pip install" in rest]
    assert all("--require-hashes -r requirements.lock" in rest for rest in installs)
    assert len(installs) == 1
    assert all(re.match(r"[a-z]+:\d[\w.-]+( AS \w+)?$", rest) for word, rest in whole if word == "FROM"), "A name without a version moves."
    kept = {line[1:] for line in (compose.ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {shlex.split(rest)[0] for word, rest in whole if word == "COPY" and not rest.startswith("--from")}
    assert copied == kept
    assert not [name for name in copied if not (compose.ROOT / name).exists()]
    assert not [rest for word, rest in whole if word in ("ENV", "ARG") and "SECRET" in rest]


@pytest.fixture
def containers(
    services: dict[str, Any], folder: Path, postgres_server: Postgres, redis_server: Redis, mail_sink: MailSink
) -> Iterator[dict[str, Container]]:
    """The file's services of ours, not started, between neighbours that are."""
    with psycopg.connect(postgres_server.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE throughline")
    neighbours = {
        "postgres:5432": f"127.0.0.1:{postgres_server.port}",
        "redis:6379": f"127.0.0.1:{redis_server.port}",
        "mailcatcher:1025": f"127.0.0.1:{mail_sink.port}",
    }
    image = Image(folder / "image")
    with ExitStack() as stack:
        stack.callback(postgres_server.drop_database, postgres_server.url("throughline"))
        made = {"web": Container("web", services["web"], image, folder, neighbours)}
        neighbours["localhost:8000"] = f"localhost:{made['web'].port}"
        made |= {name: Container(name, services[name], image, folder, neighbours) for name in ("migrate", "mailgateway", "worker")}
        other = compose.config(folder, **SECRETS, THROUGHLINE_SERVER="uvicorn")["services"]["web"]
        made["web under uvicorn"] = Container("uvicorn", other, image, folder, neighbours)
        for container in made.values():
            stack.callback(container.stop)
        yield made


async def test_its_commands_carry_a_chat_and_a_mail(containers: dict[str, Container], mail_sink: MailSink) -> None:
    migrated = containers["migrate"].run()
    assert migrated.returncode == 0, migrated.stderr
    await asyncio.gather(*(asyncio.to_thread(containers[name].start) for name in ROLES))
    web, files = containers["web"], containers["web"].image.files()
    await asyncio.to_thread(_first_run, web)

    origin = f"http://localhost:{web.port}"
    async with websockets.connect(f"ws://localhost:{web.port}/live/widget", origin=websockets.Origin(origin)) as connection:
        nadia = Client(connection)
        await nadia.hello(visitor="")
        conversation = (await nadia.done("open", text="My lamp came with a dent.", name="Nadia"))["conversation"]
        await nadia.done("move", conversation, address="nadia@customer.example")
        came = (await asyncio.to_thread(mail_sink.wait_for, 1))[0].message
        await asyncio.to_thread(_answer, came, containers["mailgateway"].smtp_port)
        heard = await nadia.next("event", kind="message.said", channel="email", within=20)
        assert heard["body"]["text"].strip() == "It is on the left side."

    verified = containers["worker"].run("verify")
    assert verified.returncode == 0, verified.stdout
    assert all(containers[name].healthy() for name in ROLES)
    assert [containers[name].stop() for name in ROLES] == [0, 0, 0]
    chosen = await asyncio.to_thread(containers["web under uvicorn"].start)
    assert chosen.environment()["THROUGHLINE_SERVER"] == "uvicorn"
    async with websockets.connect(f"ws://127.0.0.1:{chosen.port}/live/widget") as connection:
        assert (await Client(connection).hello(visitor=""))["site"]["name"] == "Brindle Lamps"
    assert chosen.stop() == 0
    assert not [name for name in ROLES if containers[name].healthy()], "Who has stopped is not healthy."
    assert web.image.files() == files, "A container's own file system is read-only."


def _first_run(web: Container) -> None:
    """As the head of the file says: the code stands in the log."""
    code = re.search(r"with the code\s+(\S+)", web.log())
    assert code is not None, web.log()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    address = f"http://localhost:{web.port}/setup/"
    page = browser.open(address, timeout=20).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    form = urllib.parse.urlencode(SHOP | {"code": code[1], "csrfmiddlewaretoken": token[1]}).encode()
    made = browser.open(address, data=form, timeout=20)
    assert made.url.endswith("/setup/widget/brindle/"), made.read().decode()


def _answer(came: EmailMessage, port: int) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Nadia <nadia@customer.example>", str(came["Reply-To"] or came["From"]), "Re: Lamp"
    mail["Message-ID"] = "<1@customer.example>"
    mail.set_content("It is on the left side.")
    with SMTP("127.0.0.1", port, timeout=20) as line:
        line.send_message(mail)
