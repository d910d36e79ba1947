"""Refuses a request's body that is too large, announced or in the middle: as under Daphne, where the request does it itself."""

from __future__ import annotations

from typing import Any

from server.refusal import LARGEST, TOO_LARGE


class BoundedBodies:
    """ASGI middleware; WebSockets pass through and leave nothing behind."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if scope["type"] != "http":
            return self._application(scope, receive, send)
        return self._bounded(scope, receive, send)

    async def _bounded(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if _announced(scope) > LARGEST:
            await _refuse(send)
            return
        taken, refused = 0, False

        async def taking() -> Any:
            nonlocal taken, refused
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LARGEST:
                if not refused:
                    refused = True
                    await _refuse(send)
                return {"type": "http.disconnect"}
            return message

        async def sending(message: Any) -> None:
            if not refused:
                await send(message)

        await self._application(scope, taking, sending)


def _announced(scope: dict[str, Any]) -> int:
    text = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(text) if text.isdigit() else 0


async def _refuse(send: Any) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"connection", b"close"),
        (b"content-length", str(len(TOO_LARGE)).encode()),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": TOO_LARGE})
