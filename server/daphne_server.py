"""Daphne as we run it: `send` waits for the reader, what came in waits for the application, and nothing outlives its connection.

Daphne itself knows no back-pressure: one reader that stops reading costs as much memory as there is to tell it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import islice
from typing import Any

import structlog
from daphne import server as daphne_server
from twisted.internet import defer, reactor

from chat.live.outbox import EXTENSION
from server.daphne_line import Line
from server.daphne_requests import BoundedFactory
from server.daphne_socket import BoundedSocket, BoundedSocketFactory
from server.unread import Unread

log = structlog.get_logger()
EVERY = 2.0
"""Seconds between two looks at the clocks of all connections."""
AT_ONCE = 500
"""Connections looked at before others get their turn."""


class PatientServer(daphne_server.Server):  # type: ignore[misc]  # daphne has no types
    """Keeps what Daphne keeps of each connection in the connection itself: no scan of all of them every second, no dictionary each."""

    connections: dict[Line, None]

    def run(self) -> None:
        # Daphne names its factories in its own module and takes none from outside.
        daphne_server.HTTPFactory, daphne_server.WebSocketFactory = BoundedFactory, BoundedSocketFactory
        super().run()

    def protocol_connected(self, protocol: Line) -> None:
        self.connections[protocol] = None

    def protocol_disconnected(self, protocol: Line) -> None:
        if protocol.gone_at is None:
            protocol.gone_at = time.monotonic()
            protocol.stopProducing()
        if protocol.application is None:
            self.connections.pop(protocol, None)

    def create_application(self, protocol: Line, scope: dict[str, Any]) -> Any:
        scope.setdefault("asgi", {"version": "3.0"})
        queue: Any = asyncio.Queue()
        if isinstance(protocol, BoundedSocket):
            queue = Unread(protocol)
            scope.setdefault("extensions", {})[EXTENSION] = protocol.at_once
        protocol.application = asyncio.get_running_loop().create_task(self.application(scope, queue.get, protocol.reply))
        protocol.application.add_done_callback(lambda task: self._ended(protocol, task))
        return queue

    def application_checker(self) -> None:
        """Nothing to look for: an application says itself that it ended."""

    def timeout_checker(self) -> None:
        self._look_at(iter(list(self.connections)))

    def kill_all_applications(self) -> defer.Deferred[Any]:
        running = [line.application for line in self.connections if line.application is not None]
        for task in running:
            task.cancel()
        ended = defer.Deferred.fromFuture(asyncio.ensure_future(asyncio.gather(*running, return_exceptions=True)))
        return ended.addErrback(lambda _: None)

    def _ended(self, line: Line, task: asyncio.Task[None]) -> None:
        line.application = None
        problem = None if task.cancelled() else task.exception()
        if problem is not None:
            log.error("application_failed", exc_info=problem)
        if line.gone_at is not None:
            self.connections.pop(line, None)
        else:
            line.left_alone(failed=problem is not None)

    def _look_at(self, lines: Any) -> None:
        some = list(islice(lines, AT_ONCE))
        now = time.monotonic()
        for line in some:
            if line.gone_at is None:
                line.check_timeouts()
            elif line.application is not None and now - line.gone_at > self.application_close_timeout:
                log.warning("application_outlived_its_connection")
                line.application.cancel()
        later: Callable[..., Any] = reactor.callLater  # type: ignore[attr-defined]  # the reactor is an object, not the interface it is typed as
        if some:
            later(0, self._look_at, lines)
        else:
            later(EVERY, self.timeout_checker)
