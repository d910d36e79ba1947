"""One process and its roles: binds the ports, runs web, mail and worker in one event loop, and stops them in order on SIGTERM."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import connection

from server.environment import BadSetting

log = structlog.get_logger()

LARGEST_FRAME = 256 * 1024
"""Octets: beyond it the web server cuts the line; from 64 KiB on the protocol refuses a frame in words."""
PING_EVERY = 30
"""Seconds of silence on a WebSocket after which the other end is asked, and seconds for its answer."""
GRACE = 10.0
"""Seconds that open work has to end after SIGTERM."""


def mark() -> Path:
    """A file in the data folder: a restore was begun and has not verified everything yet, so nobody may serve from it."""
    return Path(settings.DATA) / "restoring"


@contextmanager
def alone(*, restoring: bool = False) -> Iterator[None]:
    """On SQLite one process holds the store: a second one is refused, with what to do instead. So is all but a restore after one that
    did not come to its end."""
    if mark().exists() and not restoring:
        raise SystemExit(
            f"A restore into {settings.DATA} has not come to its end. Run it again, or `throughline restore --check`; "
            f"to serve what is there all the same, remove {mark()}."
        )
    if connection.vendor != "sqlite":
        yield
        return
    path = settings.DATA / "lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise SystemExit(
                f"Another throughline (process {holder}) holds {settings.DATA}. On SQLite one process does everything: "
                "stop that one first, choose another THROUGHLINE_DATA, or set THROUGHLINE_DATABASE to a PostgreSQL."
            ) from problem
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def bind(host: str, port: int, setting: str) -> socket.socket:
    """A listening socket, or BadSetting that names the port and the setting to change."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, because asyncio sends small answers without delay only where it reads that this is TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as problem:
        listener.close()
        raise BadSetting(f"Port {port} on {host} cannot be used: {problem.strerror}. Stop what uses it, or set {setting}.") from problem
    listener.listen(2048)
    listener.setblocking(False)
    return listener


def bind_path(path: str, setting: str) -> socket.socket:
    """The same at a Unix socket, which whoever may enter its folder may use; what a process that died left there goes."""
    if Path(path).is_socket():
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(path) == 0:
                raise BadSetting(f"Somebody listens at {path} already. Stop that, or set {setting}.")
        Path(path).unlink()
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(path)
        Path(path).chmod(0o666)
    except OSError as problem:
        listener.close()
        raise BadSetting(f"No socket can be made at {path}: {problem.strerror}. Make its folder ours, or set {setting}.") from problem
    listener.listen(2048)
    listener.setblocking(False)
    return listener


class Process:
    """The running roles. `spawn` keeps a reference to each task and stops the process loudly if one dies."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self.failed = False
        self.status: socket.socket | None = None
        """Where the status port listens, if there is one."""

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        task = self.loop.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None and not self.stopping.is_set():
            log.error("task_died", task=task.get_name(), exc_info=task.exception())
            self.failed = True
            self.stopping.set()

    async def drain(self) -> None:
        """Wait for the tasks, which watch `stopping`; cancel what does not end in time."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE)
            for task in late:
                task.cancel()


def run(roles: Sequence[str], *, ready: Callable[[], None] | None = None) -> None:
    """Run until SIGTERM or SIGINT. Exits with status 1 if a task died."""
    if "mail" in roles:
        _check_certificate()
    web = bind(settings.HOST, settings.PORT, "THROUGHLINE_PORT") if "serve" in roles else None
    smtp = bind(settings.SMTP_HOST, settings.SMTP_PORT, "THROUGHLINE_SMTP_PORT") if "mail" in roles else None
    lmtp = _bind_lmtp() if "mail" in roles else None
    status = bind(*settings.STATUS, "THROUGHLINE_STATUS") if settings.STATUS else None
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    process = Process(loop)
    process.status = status
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, process.stopping.set)
    process.spawn(_roles(process, roles, web, smtp, lmtp, ready), "roles")
    if web is None:
        loop.run_until_complete(_until_stopped(process))
    else:
        from server import run_daphne, run_uvicorn

        {"daphne": run_daphne, "uvicorn": run_uvicorn}[settings.SERVER].run(process, web)
    if process.failed:
        raise SystemExit(1)


def _bind_lmtp() -> socket.socket | None:
    place = settings.LMTP
    if isinstance(place, str):
        return bind_path(place, "THROUGHLINE_LMTP")
    return bind(*place, "THROUGHLINE_LMTP") if place is not None else None


def _check_certificate() -> None:
    from mailgateway.wire import certificate

    try:
        certificate.from_settings()
    except OSError as problem:
        raise BadSetting(f"THROUGHLINE_SMTP_CERTIFICATE and _KEY cannot be used: {problem}. They name files in PEM format.") from problem


async def _roles(
    process: Process,
    roles: Sequence[str],
    web: socket.socket | None,
    smtp: socket.socket | None,
    lmtp: socket.socket | None,
    ready: Callable[[], None] | None,
) -> None:
    from chat.ledger import copies, due, search_index, writer
    from chat.live import holding
    from mailgateway import courier, imap, intake, smtpd
    from server import bells, checkpoints, pace, retention

    stopping = process.stopping
    await writer.live_here()
    process.spawn(bells.run(stopping), "bells")
    if process.status is not None:
        from server import status

        process.spawn(status.answer(process.status, stopping), "status")
    gates = [await smtpd.listen(smtp)] if smtp is not None else []
    if lmtp is not None:
        gates.append(await smtpd.listen(lmtp, lmtp=True))
    if "work" in roles:
        process.spawn(due.run(stopping), "alarms")
        process.spawn(intake.run(stopping), "intake")
        process.spawn(courier.run(stopping), "courier")
        process.spawn(holding.run(stopping), "undo")
        process.spawn(imap.run(stopping), "imap")
        process.spawn(search_index.run(stopping), "search")
        process.spawn(copies.run(stopping), "copies")
        process.spawn(retention.run(stopping), "retention")
        process.spawn(checkpoints.run(stopping), "checkpoints")
    pace.set_up()
    log.info("ready", roles=list(roles), web=settings.PORT if web else None, smtp=settings.SMTP_PORT if smtp else None)
    if ready is not None:
        ready()
    await stopping.wait()
    for gate in gates:
        gate.close()
    await asyncio.gather(*(smtpd.finish(gate) for gate in gates))


async def _until_stopped(process: Process) -> None:
    await process.stopping.wait()
    await stop(process)


async def stop(process: Process) -> None:
    """Close the sockets with their last words, then end the roles and what they write with."""
    from chat.ledger import writer
    from chat.live import stopping as live
    from server import bells

    await live.close_all()
    await process.drain()
    await writer.leave()
    await bells.farewell()
    log.info("stopped")
