"""`throughline doctor`: checks that do the real thing (write, read, send, receive), each failure with its cure.

Rooms above and below bring their own checks as `doctor_checks`: pairs of a name and a function that returns what it found, or raises
an exception with `sentence` and `cure`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from redis.exceptions import RedisError
from rich.console import Console

from chat.discover import gathered
from chat.ledger import blobs, checkpoints, journal, triggers
from chat.transcripts.paper import letters

Check = tuple[str, Callable[[], str]]
LATE = timedelta(days=2)
"""Age from which on a checkpoint is worth a word: one is made each day."""


class Trouble(Exception):
    """What is wrong, and what to do about it."""

    def __init__(self, sentence: str, cure: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.cure = cure


def report() -> int:
    """Run every check and print it. Returns the exit status: 0 all well, 1 something needs care."""
    out = Console(highlight=False)
    failed = 0
    for name, check in checks():
        try:
            out.print(f"[green]well[/green]     {name}: {check()}", soft_wrap=True)
        except Exception as problem:  # a check that fails in a way of its own is still a failed check
            failed += 1
            sentence = getattr(problem, "sentence", f"{type(problem).__name__}: {problem}")
            cure = getattr(problem, "cure", "See the log, and docs/operations.md.")
            out.print(f"[red]trouble[/red]  {name}: {sentence}", markup=True, soft_wrap=True)
            out.print(f"         cure: {cure}", markup=False, soft_wrap=True)
    out.print("All is well." if not failed else f"{failed} of {len(checks())} checks need care.")
    return 1 if failed else 0


def checks() -> list[Check]:
    found: list[Check] = [
        ("database", _database),
        ("record protection", _triggers),
        ("blob store", _blob_store),
        ("journal of erasures", _journal),
        ("checkpoint", _checkpoint),
        ("fonts", _fonts),
    ]
    if settings.REDIS:
        found.append(("redis", _redis))
    return [*found, *gathered("doctor_checks")]


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_migrations WHERE app = 'chat'")
            (count,) = cursor.fetchone()
    except DatabaseError as problem:
        raise Trouble(
            f"{connection.vendor} does not answer: {str(problem).splitlines()[0]}",
            "Check THROUGHLINE_DATABASE, that the server runs, and run `throughline migrate`.",
        ) from problem
    if not count:
        raise Trouble("The tables are missing.", "Run `throughline migrate`.")
    return f"{connection.vendor}, {count} migrations"


def _triggers() -> str:
    missing = triggers.missing("default")
    if missing:
        raise Trouble(f"The database would let somebody change the record: {', '.join(missing)} missing.", "Run `throughline migrate`.")
    return f"{len(triggers.names(connection.vendor))} triggers in place"


def _blob_store() -> str:
    cure = f"Give this user the right to write {settings.BLOBS}, or free some space, or set THROUGHLINE_BLOBS."
    content = secrets.token_bytes(1000)
    try:
        digest = blobs.store(content)
        with blobs.open_blob(digest) as file:
            same = file.read() == content
        blobs.remove_unreferenced(digest)
    except OSError as problem:
        raise Trouble(f"{settings.BLOBS} cannot be used: {problem.strerror}", cure) from problem
    if not same:
        raise Trouble("A file came back changed.", "Check the disk.")
    return f"written, synced and read back in {settings.BLOBS}"


def _journal() -> str:
    problem = journal.trouble()
    if problem:
        raise Trouble(f"Nothing can be erased: {problem}.", "Give the server the right to write there, or set THROUGHLINE_JOURNAL.")
    return str(settings.JOURNAL)


def _checkpoint() -> str:
    newest = checkpoints.newest()
    if newest is None:
        return "none yet; the worker makes one each day"
    made = datetime.fromtimestamp(newest.made_at / 1_000_000, UTC)
    if datetime.now(UTC) - made > LATE:
        raise Trouble(
            f"The newest is of {made.date()}: it would not show if a conversation that came later was removed.",
            "Let a process with the role work run (`throughline up` or `throughline work`), or look for checkpoint_interrupted in its log.",
        )
    return f"the newest is of {made.date()}, over {newest.size} conversations"


def _fonts() -> str:
    # No trouble: what cannot be shown stands on paper by its number, and whole in every other format.
    without = letters.unreadable()
    if without:
        return f"for PDF there is none for {', '.join(without)}; Debian has them in fonts-noto-cjk and fonts-noto-core"
    return "for PDF there is one for each of the usual scripts"


def _redis() -> str:
    try:
        client = redis.Redis.from_url(settings.REDIS, socket_connect_timeout=5)
        client.ping()
        return f"answers ({client.info('server')['redis_version']})"
    except RedisError as problem:
        raise Trouble(
            f"Redis does not answer: {problem}", "Check THROUGHLINE_REDIS; chats go on, but other processes hear late."
        ) from problem
