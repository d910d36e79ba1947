"""The test servers themselves: each one does what the tests that use it believe it does."""

from __future__ import annotations

import smtplib
import subprocess
from email.message import EmailMessage

import psycopg
import pytest
import redis
from django.db import connection
from playwright.async_api import Browser

from tests.services import MailSink, Postfix, Postgres, Redis, RunningServer
from tests.services.ports import program


@pytest.mark.engine
def test_a_postgres_database_is_a_copy_of_its_template(postgres_server: Postgres) -> None:
    template = postgres_server.create_database()
    with psycopg.connect(template, autocommit=True) as connection:
        connection.execute("CREATE TABLE seen (who text)")
    copy = postgres_server.create_database(template=template.rsplit("/", 1)[1])
    with psycopg.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM seen").fetchone() == (0,)
    postgres_server.drop_database(copy)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(copy)


def test_a_killed_postgres_comes_back_with_what_was_committed(services_folder) -> None:
    server = Postgres(services_folder / "postgres-killed", durable=True)
    try:
        url = server.create_database()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        server.kill()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)
        server.start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    finally:
        server.stop()


def test_redis_comes_back_empty_after_a_kill(services_folder) -> None:
    server = Redis(services_folder / "redis-killed")
    try:
        client = redis.Redis.from_url(server.url)
        client.set("line", "hello")
        assert client.get("line") == b"hello"
        server.kill()
        server.start()
        assert client.get("line") is None
    finally:
        server.stop()


def test_swaks_reaches_the_gateway_through_postfix(postfix: Postfix, gateway_port: int) -> None:
    sink = MailSink(port=gateway_port).start()
    try:
        swaks = [program("swaks", "swaks"), "--server", f"127.0.0.1:{postfix.port}", "--helo", "laptop.customer.example"]
        swaks += ["--from", "nadia@customer.example", "--to", "support+abc@support.example", "--header", "Subject: Where is my parcel?"]
        done = subprocess.run([*swaks, "--body", "It said Tuesday.\n"], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
        (mail,) = sink.wait_for(1)
    finally:
        sink.stop()
    assert mail.sender == "nadia@customer.example"
    assert mail.recipients == ["support+abc@support.example"]
    assert mail.message["Subject"] == "Where is my parcel?"
    assert "It said Tuesday." in mail.message.get_content()


def test_our_mail_lands_in_the_customers_maildir(postfix: Postfix) -> None:
    _send(postfix, "nadia@customer.example")
    _send(postfix, "nadia+shop@customer.example")
    first, second = postfix.wait_for_mail("nadia", count=2)
    assert {first["X-Original-To"], second["X-Original-To"]} == {"nadia@customer.example", "nadia+shop@customer.example"}
    assert first.get_content().strip() == "It left this morning."
    postfix.empty("nadia")
    assert postfix.mails("nadia") == []


def test_mail_waits_in_postfix_until_the_gateway_is_back(postfix: Postfix, gateway_port: int) -> None:
    _send(postfix, "support@support.example")
    sink = MailSink(port=gateway_port, refuse="451 4.3.0 the database is away").start()
    try:
        assert not sink.mails
        sink.refuse = ""
        assert len(sink.wait_for(1)) == 1
    finally:
        sink.stop()


def test_no_mail_leaves_for_anybody_else(postfix: Postfix) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="reaches nothing outside the tests"):
        _send(postfix, "somebody@elsewhere.example")
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="User unknown"):
        _send(postfix, "nobody@customer.example")


@pytest.mark.engine
def test_every_test_gets_an_empty_migrated_database(database: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM chat_event")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM django_migrations WHERE app = 'chat'")
        assert cursor.fetchone()[0] > 0
    assert str(connection.settings_dict["NAME"]) == database


@pytest.mark.engine
@pytest.mark.parametrize("round", [1, 2])
def test_what_one_test_wrote_is_not_there_in_the_next(database: str, round: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_session")
        assert cursor.fetchone() == (0,)
        cursor.execute("INSERT INTO django_session VALUES ('key', 'data', '2030-01-01')")


@pytest.mark.engine
def test_the_server_answers_stops_when_asked_and_comes_back_after_a_kill(running_server: RunningServer) -> None:
    first = running_server.pid
    assert running_server.healthy()
    running_server.kill()
    assert not running_server.healthy()
    running_server.start()
    assert running_server.pid != first
    assert running_server.stop() == 0, running_server.log()
    assert not running_server.healthy()


async def test_chromium_shows_a_page(chromium: Browser) -> None:
    page = await chromium.new_page()
    await page.set_content("<h1>Hello Nadia</h1><script>document.title = 'ran'</script>")
    assert await page.inner_text("h1") == "Hello Nadia"
    assert await page.title() == "ran"


def _send(postfix: Postfix, recipient: str, *, sender: str = "support@support.example") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, "Re: Where is my parcel?"
    message.set_content("It left this morning.")
    with smtplib.SMTP("127.0.0.1", postfix.port) as connection:
        connection.send_message(message, sender, [recipient])
