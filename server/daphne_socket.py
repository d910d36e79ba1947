"""Daphne's end of one WebSocket: a brake in both directions, close reasons, and no more memory than an idle connection needs.

Autobahn keeps the handshake, a copy of every option and counters nobody reads as long as a connection lives. Knows no frame's meaning.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from autobahn.websocket.protocol import TrafficStats
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet import reactor

from server.daphne_line import Line

LAST_WORDS = 5
"""Seconds for the close frame, which stands behind all that was sent before; then the line is cut."""

_HANDSHAKE = frozenset(
    {
        "_raw_query_string",
        "_results",
        "_transport_details",
        "_valid_events",
        "_wskey",
        "application_deferred",
        "clean_headers",
        "http_headers",
        "http_request_data",
        "http_request_host",
        "http_request_params",
        "http_request_path",
        "http_request_uri",
        "http_response_data",
        "http_status_line",
        "is_open",
        "protocol_to_accept",
        "request",
        "root_path",
        "server_addr",
        "websocket_extensions",
        "websocket_extensions_in_use",
        "websocket_key",
        "websocket_origin",
        "websocket_protocol_in_use",
        "websocket_protocols",
    }
)
"""What is of no use once the line is open."""


_UNREAD_COUNTERS = TrafficStats()
_later: Callable[..., Any] = reactor.callLater  # type: ignore[attr-defined]  # the reactor is an object, not the interface it is typed as


class BoundedSocket(Line, WebSocketProtocol):  # type: ignore[misc]  # daphne has no types
    # What autobahn says of each connection until something happens to it: said here once for all.
    closedByMe = failedByMe = droppedByMe = wasClean = triggered = inside_message = False
    wasMaxFramePayloadSizeExceeded = wasMaxMessagePayloadSizeExceeded = wasServerConnectionDropTimeout = False
    wasOpenHandshakeTimeout = wasCloseHandshakeTimeout = wasServingFlashSocketPolicyFile = False
    wasNotCleanReason = localCloseCode = localCloseReason = remoteCloseCode = remoteCloseReason = None
    closeHandshakeTimeoutCall = openHandshakeTimeoutCall = None
    autoPingTimeoutCall = autoPingPending = autoPingPendingCall = autoPingPendingSent = None
    autoPingPendingSeq = send_state = 0
    trackedTimings = _perMessageCompress = _transport_details = current_frame = None
    peer = ""
    last_ping: float
    CONFIG_ATTRS: tuple[str, ...] = ()
    """None is copied for each connection: the factory sets them on this class."""

    # From handshake to close

    def connectionMade(self) -> None:
        self.transport.setTcpNoDelay(True)
        self._connectionMade()

    def _connectionMade(self) -> None:
        super()._connectionMade()
        self.send_queue: tuple[()] = ()
        self.trafficStats = _UNREAD_COUNTERS

    def _onOpen(self) -> None:
        self.onOpen()

    def succeedHandshake(self, result: Any) -> None:
        super().succeedHandshake(result)
        kind = type(self)
        self.__dict__ = {
            name: value
            for name, value in vars(self).items()
            if name not in _HANDSHAKE and not (hasattr(kind, name) and getattr(kind, name) == value)
        }

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        self.stopProducing()
        self.factory.server_class.protocol_disconnected(self)
        if not self.muted and hasattr(self, "application_queue"):
            self.application_queue.put_nowait({"type": "websocket.disconnect", "code": code})

    def dropConnection(self, abort: bool = False) -> None:
        transport = self.transport
        super().dropConnection(abort)
        # What is still buffered may be for somebody who never reads again.
        if not abort and transport.connected:
            _later(LAST_WORDS, transport.abortConnection)

    def connectionLost(self, reason: Any) -> None:
        self._connectionLost(reason)

    def check_timeouts(self) -> None:
        if self.state == self.STATE_CONNECTING:
            super().check_timeouts()
        elif self.state == self.STATE_OPEN and time.time() - self.last_ping > self.server.ping_interval:
            self._sendAutoPing()
            self.last_ping = time.time()

    def left_alone(self, *, failed: bool) -> None:
        if self.state == self.STATE_CONNECTING:
            self.serverReject()
        else:
            self.sendCloseFrame(code=1011 if failed else 1000)

    # In

    def hold(self) -> None:
        self.transport.pauseProducing()

    def go_on(self) -> None:
        self.transport.resumeProducing()

    def dataReceived(self, data: bytes) -> None:
        # Autobahn's own formats a line for its log at each read, whether or not anybody reads that log.
        self._dataReceived(data)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        self.last_ping = time.time()
        message = {"type": "websocket.receive", "bytes": payload} if isBinary else {"type": "websocket.receive", "text": payload.decode()}
        self.application_queue.put_nowait(message)

    # Out

    def handle_reply(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "websocket.send" and self.state == self.STATE_OPEN:
            text = message.get("text")
            # Not sendMessage: it holds what we send to the bound on what we take.
            self.sendFrame(opcode=2 if text is None else 1, payload=message["bytes"] if text is None else text.encode())
        elif kind == "websocket.close" and self.state != self.STATE_CONNECTING:
            self.sendClose(code=message.get("code") or 1000, reason=message.get("reason") or None)
        else:
            super().handle_reply(message)

    def at_once(self, text: str) -> bool:
        """Send a text frame now, if the line is open and has room; False if not, and nothing was sent."""
        if self.state != self.STATE_OPEN or self.full is not None or self.gone_at is not None:
            return False
        self.sendFrame(opcode=1, payload=text.encode())
        return True

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:
        transport = self.transport
        if transport.dataBuffer or transport._tempDataLen or transport.disconnecting or not transport.connected:
            transport.write(data)
            return
        # Nothing waits: the kernel takes it at once, and need not be asked first when it would.
        sent = transport.writeSomeData(data)
        if sent != len(data):
            transport.write(data[sent:] if isinstance(sent, int) and sent > 0 else data)


class BoundedSocketFactory(WebSocketFactory):  # type: ignore[misc]
    """Makes BoundedSockets. Options are those of all connections: there is one factory in a process."""

    protocol = BoundedSocket

    def setProtocolOptions(self, **options: Any) -> None:
        super().setProtocolOptions(**options, closeHandshakeTimeout=LAST_WORDS)
        for name in WebSocketProtocol.CONFIG_ATTRS:
            value = getattr(self, name)
            setattr(BoundedSocket, name, staticmethod(value) if callable(value) else value)
