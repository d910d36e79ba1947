"""Signing in to a mailbox elsewhere: with a token as with a password, and with neither where the line is not safe."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailgateway.doors import imap_account
from mailgateway.doors.imap_account import Account, Session
from mailgateway.doors.imap_token import NoToken, Tokens
from tests.mailgateway.gateway import Gateway
from tests.mailgateway.mailboxes import handing_in, look
from tests.mailgateway.mails import mail
from tests.services.certificate import for_localhost
from tests.services.dovecot import PASSWORD, Dovecot
from tests.services.tokens import TokenServer


async def test_a_token_opens_the_mailbox_and_the_newest_refresh_token_is_kept(
    gateway: Gateway, services_folder: Path, tmp_path: Path
) -> None:
    tokens = TokenServer(user="nadia")
    server = Dovecot(services_folder / "dovecot-tokens", vouching=tokens.vouching_url)
    options = {"token_url": tokens.token_url, "client_id": "app", "client_secret": "s", "refresh_token": "refresh-1"}
    try:
        server.put("nadia", mail("Hello\n"))
        account = Account(host="127.0.0.1", port=server.port, user="nadia", tls="none", tokens=Tokens(options, tmp_path))
        loop = asyncio.get_running_loop()
        assert await asyncio.to_thread(look, server, "nadia", handing_in(loop), account) == 1
        again = Tokens(options, tmp_path).token()
        assert again == "access-3" and tokens.asked[-1]["refresh_token"] == "refresh-2", "not the one of the setting, which is used up"
        assert (tmp_path / "imap-refresh-token").stat().st_mode & 0o777 == 0o600
        with pytest.raises(NoToken, match="not good any more"):
            Tokens(options, tmp_path / "elsewhere").token()
    finally:
        server.stop()
        tokens.stop()


def test_an_app_of_its_own_needs_no_refresh_token(tmp_path: Path) -> None:
    tokens = TokenServer()
    options = {"token_url": tokens.token_url, "client_id": "app", "client_secret": "s", "scope": "https://outlook.office365.com/.default"}
    ours = Tokens(options, tmp_path)
    assert ours.token() == ours.token() == "access-2", "asked once as long as it is good"
    ours.refused()
    assert ours.token() == "access-3"
    assert tokens.asked[0] == {
        "grant_type": "client_credentials",
        "client_id": "app",
        "client_secret": "s",
        "scope": "https://outlook.office365.com/.default",
    }
    tokens.stop()
    with pytest.raises(NoToken, match="https"):
        Tokens(options | {"token_url": "http://login.example/token"}, tmp_path).token()


@pytest.mark.parametrize("tls", ["tls", "starttls"])
async def test_a_password_goes_to_nobody_without_a_good_certificate(services_folder: Path, tls: str, monkeypatch) -> None:
    certificate = for_localhost(services_folder / f"certificate-{tls}")
    server = Dovecot(services_folder / f"dovecot-{tls}", certificate=(certificate.chain, certificate.key))
    port = server.tls_port if tls == "tls" else server.port
    account = Account(host="localhost", port=port, user="nadia", password=PASSWORD, tls=tls)
    try:
        with pytest.raises(imap_account.PROBLEMS, match="certificate"):
            await asyncio.to_thread(Session, account)
        assert "Login" not in server.log()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.chain))
        session = await asyncio.to_thread(Session, account)
        assert session.open("INBOX")[0]
        session.close()
    finally:
        server.stop()


@contextmanager
def saying(**answers: bytes) -> Iterator[Account]:
    """A mailbox that answers each command with what is given for it, whatever is asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    known = {"capability": b"* CAPABILITY IMAP4rev1\r\n", "examine": b"* OK [UIDVALIDITY 1] as ever\r\n"} | answers

    def serve() -> None:
        with listener.accept()[0] as line, line.makefile("rb") as asked:
            line.sendall(b"* OK [CAPABILITY IMAP4rev1] here\r\n")
            for command in asked:
                tag, *words = command.split()
                name = next((word for word in (one.decode().lower() for one in words) if word in known), "")
                line.sendall(known.get(name, b"") + tag + b" OK done\r\n")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield Account(host="127.0.0.1", port=listener.getsockname()[1], user="nadia", password="p", tls="none")
    finally:
        listener.close()
        thread.join(10)


def test_a_mailbox_may_hold_more_mails_than_fit_into_a_usual_line() -> None:
    with saying(search=b"* SEARCH %s\r\n" % b" ".join(b"%d" % uid for uid in range(1_000_000, 1_200_000))) as account:
        session = Session(account)
        session.open("INBOX")
        assert len(session.above(1)) == 200_000
        session.close()


def test_no_server_makes_us_read_more_than_the_largest_mail() -> None:
    with saying(fetch=b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\nSubject: x\r\n") as account:
        session = Session(account)
        session.open("INBOX")
        with pytest.raises(imap_account.PROBLEMS, match="99999999999"):
            session.raw(1)
        session.close()


@pytest.mark.parametrize("url", ["http://login.example/token", "file://localhost/etc/hostname", "ftp://127.0.0.1/token"])
def test_a_secret_goes_by_https_or_nowhere_beyond_this_machine(url: str, tmp_path: Path) -> None:
    with pytest.raises(NoToken, match="must begin with https"):
        Tokens({"token_url": url, "client_id": "app", "client_secret": "s"}, tmp_path).token()
