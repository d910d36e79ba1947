"""One server: `python -m benchmarks.servers WHAT` prepares the store in its data folder, or serves one application as the product does.

All of them run in the process, the loop and the web server that `throughline serve` has, so that only the application differs.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

UNLIMITED = (1 << 40, 1e-9)
"""A load of a few senders is what the limits are there to stop: here they are as good as off."""


_PR_SET_PDEATHSIG = 1


def main(what: str) -> None:
    # Whoever started this server is measuring it: with them gone nobody would stop it.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    from server import logs

    logs.set_up()
    if what == "tutorial":
        from benchmarks.servers import tutorial

        tutorial.configure()
    django.setup()
    if what == "prepare":
        from benchmarks.servers import prepare

        prepare.fill(customers=int(os.environ["BENCH_CUSTOMERS"]), conversations=int(os.environ["BENCH_CONVERSATIONS"]))
        return
    if what == "bare":
        from benchmarks.servers import bare

        bare.serve()
        return
    _raise_limits()
    BEFORE.get(what, lambda: None)()
    from server import process

    process.run(ROLES.get(what, ("serve",)))


def _raise_limits() -> None:
    from chat.live import limits

    for kind in limits.TABLE:
        limits.TABLE[kind] = limits.Rate(*UNLIMITED)


def _serve_instead(make: Callable[[], Any]) -> Callable[[], None]:
    """The product's process with another application: it takes the one that stands in `server.asgi`."""

    def replace() -> None:
        import server.asgi

        server.asgi.application = make()

    return replace


def _echo() -> Any:
    from benchmarks.servers.echo import echo

    return echo


def _consumer() -> Any:
    from benchmarks.servers.consumer import Repeating

    return Repeating.application()


def _tutorial() -> Any:
    from benchmarks.servers.tutorial import application

    return application()


def _socketio() -> Any:
    from benchmarks.servers.socket_io import application

    return application()


def _storeless() -> None:
    from benchmarks.servers import storeless

    storeless.take_over()


BEFORE: dict[str, Callable[[], None]] = {
    "echo": _serve_instead(_echo),
    "consumer": _serve_instead(_consumer),
    "tutorial": _serve_instead(_tutorial),
    "socketio": _serve_instead(_socketio),
    "storeless": _storeless,
}
ROLES = {"all": ("serve", "mail", "work")}

if __name__ == "__main__":
    main(sys.argv[1])
