"""The one table of settings: each has a name, a default and a meaning, and comes from the environment. docs/settings.md lists the same."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any


class BadSetting(SystemExit):
    """A setting cannot be used; the sentence names it and the cure. Ends the process with status 2."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.code = sentence


def _text(value: str) -> str:
    return value.strip()


def _number(value: str) -> int:
    return int(value)


def _yes(value: str) -> bool:
    if value.lower() in ("1", "yes", "true", "on"):
        return True
    if value.lower() in ("0", "no", "false", "off", ""):
        return False
    raise ValueError("write 1 or 0")


def _words(value: str) -> list[str]:
    return value.replace(",", " ").split()


def _mode(value: str) -> str:
    if value not in ("development", "production", "test"):
        raise ValueError("write development, production or test")
    return value


def _server(value: str) -> str:
    if value not in ("daphne", "uvicorn"):
        raise ValueError("write daphne or uvicorn")
    return value


def _port(value: str) -> int:
    number = int(value)
    if not 0 < number < 65536:
        raise ValueError("a port lies between 1 and 65535")
    return number


def _address(value: str) -> tuple[str, int] | None:
    """`host:port`, with brackets around an IPv6 host; None if empty."""
    if not value.strip():
        return None
    host, _, port = value.strip().rpartition(":")
    if not host or not port.isdigit():
        raise ValueError("write host:port")
    return host.strip("[]"), _port(port)


def _hooks(value: str) -> dict[str, tuple[str, ...]]:
    """`provider:secret` words; the same provider twice has two secrets."""
    found: dict[str, tuple[str, ...]] = {}
    for word in value.split():
        provider, _, secret = word.partition(":")
        if provider not in ("postmark", "mailgun", "sendgrid", "ses") or len(secret) < 16 or not secret.isascii():
            raise ValueError("write postmark:SECRET, mailgun:SIGNING-KEY, sendgrid:SECRET or ses:SECRET, each of at least 16 characters")
        found[provider] = (*found.get(provider, ()), secret)
    return found


def _place(value: str) -> tuple[str, int] | str | None:
    """`host:port`, or the path of a Unix socket; None if empty."""
    return value.strip() if value.strip().startswith("/") else _address(value)


def _networks(value: str) -> list[IPv4Network | IPv6Network]:
    return [ip_network(word, strict=False) for word in _words(value)]


def _line_ends(value: str) -> str:
    if value not in ("normalise", "refuse"):
        raise ValueError("write normalise or refuse")
    return value


def _forged(value: str) -> str:
    if value not in ("show", "reject", "quarantine"):
        raise ValueError("write show, reject or quarantine")
    return value


def _named(value: str) -> dict[str, str]:
    """`name=value` words."""
    pairs = [word.partition("=") for word in value.split()]
    known = {"token_url", "client_id", "client_secret", "refresh_token", "scope"}
    if any(name not in known or not text for name, _, text in pairs) or (pairs and not {"token_url", "client_id"} <= {p[0] for p in pairs}):
        raise ValueError("write token_url=… client_id=…, and client_secret=…, refresh_token=… or scope=… where your provider wants them")
    return {name: text for name, _, text in pairs}


def _folders(value: str) -> list[str]:
    """Separated by commas: a folder's name may hold spaces."""
    return [name.strip() for name in value.split(",") if name.strip()]


def _imap_tls(value: str) -> str:
    if value not in ("tls", "starttls", "none"):
        raise ValueError("write tls, starttls or none")
    return value


def _separator(value: str) -> str:
    if value not in ("+", "-", "=", "none"):
        raise ValueError("write +, -, = or none")
    return value


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: environment name, default as text, what it means, and how its text is read."""

    name: str
    default: str
    about: str
    read: Callable[[str], Any] = _text


TABLE: tuple[Setting, ...] = (
    Setting("THROUGHLINE_MODE", "development", "development, test or production; production refuses to start without a secret", _mode),
    Setting("THROUGHLINE_DATA", "var", "folder for the SQLite database, the blob store, the secret made at first start, and the lock file"),
    Setting(
        "THROUGHLINE_SECRET",
        "",
        "root secret, at least 32 characters; all keys are derived from it. Development makes one in the data folder",
    ),
    Setting("THROUGHLINE_SECRET_ID", "1", "number of the root secret (0 to 255), raised at each rotation", _number),
    Setting(
        "THROUGHLINE_OLD_SECRETS",
        "",
        "retired root secrets as `id:secret`, separated by spaces; links and reply addresses made with them go on working",
        _words,
    ),
    Setting("THROUGHLINE_DATABASE", "", "PostgreSQL as postgres://user:password@host:port/name; empty is SQLite in the data folder"),
    Setting("THROUGHLINE_REDIS", "", "redis://host:port/0 for announcements between several processes; empty in one process"),
    Setting("THROUGHLINE_BLOBS", "", "folder of the blob store; empty is `blobs` in the data folder. Several hosts share one"),
    Setting(
        "THROUGHLINE_JOURNAL",
        "",
        "file that names what was erased, which no backup may put back; empty is `erasures.jsonl` in the data folder. Hosts share one",
    ),
    Setting("THROUGHLINE_HOST", "127.0.0.1", "address the web server listens on"),
    Setting("THROUGHLINE_PORT", "8000", "port the web server listens on", _port),
    Setting("THROUGHLINE_SERVER", "daphne", "web server that runs in the process: daphne, or uvicorn, which is quicker", _server),
    Setting(
        "THROUGHLINE_PUBLIC_URL", "", "how customers reach this server, as https://support.example.com; empty is http://localhost:PORT"
    ),
    Setting("THROUGHLINE_ALLOWED_ORIGINS", "", "further web origins that may open the live socket, separated by spaces", _words),
    Setting("THROUGHLINE_TRUSTED_PROXIES", "0", "how many proxies in front set X-Forwarded-For and -Proto; 0 trusts neither", _number),
    Setting("THROUGHLINE_SMTP_HOST", "127.0.0.1", "address the mail gateway listens on"),
    Setting("THROUGHLINE_SMTP_PORT", "2525", "port the mail gateway listens on", _port),
    Setting("THROUGHLINE_SMTP_CERTIFICATE", "", "PEM file with the certificates for STARTTLS, read again when it changes; empty is none"),
    Setting("THROUGHLINE_SMTP_KEY", "", "PEM file with the key of that certificate; empty if the chain's file holds it too"),
    Setting(
        "THROUGHLINE_LMTP",
        "",
        "where LMTP is spoken as well, for a mail server in front: host:port, or the path of a Unix socket; empty is nowhere",
        _place,
    ),
    Setting(
        "THROUGHLINE_MAIL_FRONTS",
        "",
        "networks of your own mail servers in front, as 10.0.0.0/24: no limit of one peer holds for them, and their results are believed",
        _networks,
    ),
    Setting(
        "THROUGHLINE_MAIL_PROXIES",
        "",
        "networks of TCP proxies before the mail gateway; they must, and nobody else may, begin with the PROXY protocol (1 or 2)",
        _networks,
    ),
    Setting(
        "THROUGHLINE_MAIL_LINE_ENDS",
        "normalise",
        "what a bare CR or LF in a mail becomes: normalise makes it a line end, refuse answers 550",
        _line_ends,
    ),
    Setting("THROUGHLINE_MAIL_DOMAIN", "localhost", "domain of our mail addresses; mail for other domains is refused"),
    Setting(
        "THROUGHLINE_DNS",
        "",
        "name servers that are asked about senders, as 10.0.0.53 or 127.0.0.1:5353; empty is this machine's, off asks none",
        _words,
    ),
    Setting(
        "THROUGHLINE_AUTHSERV",
        "",
        "names in the Authentication-Results of your own front servers or mailbox provider, which are believed; empty checks here",
        _words,
    ),
    Setting(
        "THROUGHLINE_DMARC",
        "reject",
        "mail that fails its sender's policy is put aside if that is reject; quarantine puts more aside, show none",
        _forged,
    ),
    Setting("THROUGHLINE_DKIM", "", "selectors of the keys that sign outgoing mail, separated by spaces; empty signs nothing", _words),
    Setting("THROUGHLINE_DKIM_KEYS", "", "folder with these keys, made by `throughline dkim`; empty is `dkim` in the data folder"),
    Setting(
        "THROUGHLINE_MAIL_SEPARATOR",
        "+",
        "what stands before the tag of a reply address: + or - or =; none for hosts that deliver the plain address only",
        _separator,
    ),
    Setting(
        "THROUGHLINE_MAIL_REPLY_DOMAIN",
        "",
        "sub-domain whose mail all comes here, whatever stands before its @: reply addresses are there then. Empty is the mail domain",
    ),
    Setting("THROUGHLINE_MAIL_MAX", "33554432", "largest mail that is taken, in octets", _number),
    Setting("THROUGHLINE_RELAY", "", "SMTP relay for outgoing mail as host:port; empty keeps mail in the local mailbox page"),
    Setting("THROUGHLINE_RELAY_USER", "", "user name at the relay; empty sends without signing in"),
    Setting("THROUGHLINE_RELAY_PASSWORD", "", "password at the relay"),
    Setting(
        "THROUGHLINE_RELAY_TLS",
        "auto",
        "auto uses STARTTLS where the relay offers it and is not on this machine; none, starttls and tls insist",
    ),
    Setting("THROUGHLINE_MAIL_FILES_MAX", "10000000", "files that go along with one mail, in octets; others stay behind its link", _number),
    Setting(
        "THROUGHLINE_MAIL_STUCK", "15", "minutes that outgoing mail may wait for its turn before health, leads and log hear of it", _number
    ),
    Setting("THROUGHLINE_UNDO", "8", "seconds in which an answer by e-mail, or a closing, can be taken back; 0 sends at once", _number),
    Setting(
        "THROUGHLINE_IMAP", "", "mailbox elsewhere from which mail is fetched, as host:port (993 with tls); empty fetches none", _address
    ),
    Setting("THROUGHLINE_IMAP_TLS", "tls", "how that server is spoken to: tls, starttls, or none within one machine", _imap_tls),
    Setting("THROUGHLINE_IMAP_USER", "", "user name of that mailbox"),
    Setting("THROUGHLINE_IMAP_PASSWORD", "", "its password, or the app's own password; empty with THROUGHLINE_IMAP_OAUTH"),
    Setting(
        "THROUGHLINE_IMAP_OAUTH",
        "",
        "sign in with a token instead: `token_url=… client_id=… client_secret=… refresh_token=…`, or `scope=…` for an app of its own",
        _named,
    ),
    Setting("THROUGHLINE_IMAP_FOLDERS", "INBOX", "folders that are fetched, separated by commas", _folders),
    Setting("THROUGHLINE_IMAP_DONE", "", "folder into which a mail is moved once it is durable here; empty leaves it where it is"),
    Setting("THROUGHLINE_IMAP_DAYS", "1", "how old a mail may be, in days, that is taken at the first look into a folder", _number),
    Setting(
        "THROUGHLINE_MAIL_HOOKS",
        "",
        "mail providers that post to /mail/hooks/, as `postmark:SECRET mailgun:SIGNING-KEY`; also sendgrid and ses. Empty takes no posts",
        _hooks,
    ),
    Setting("THROUGHLINE_DEMO", "0", "1 fills an empty store with the demo shop at first start", _yes),
    Setting(
        "THROUGHLINE_STATUS",
        "",
        "host:port on which every role answers /health and /metrics, for a private network; empty is off",
        _address,
    ),
    Setting("THROUGHLINE_LOG", "info", "least severity that is logged: debug, info, warning or error"),
)


_SECRET = (_hooks, _named)
"""Their text holds secrets, and what ends a process stands in its log."""


def read(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """All settings by name. Raises BadSetting for a value that cannot be read and for a name that is not in the table."""
    values: dict[str, Any] = {}
    for setting in TABLE:
        raw = environment.get(setting.name, setting.default)
        try:
            values[setting.name] = setting.read(raw)
        except ValueError as problem:
            shown = "" if setting.read in _SECRET else f"={raw!r}"
            raise BadSetting(f"{setting.name}{shown} cannot be used: {problem}. It means: {setting.about}.") from None
    known = {setting.name for setting in TABLE}
    for name in environment:
        if name.startswith("THROUGHLINE_") and name not in known and not name.startswith("THROUGHLINE_TEST_"):
            raise BadSetting(f"{name} is not a setting. See docs/settings.md for all of them.")
    return values
