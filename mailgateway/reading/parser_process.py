"""The parser as the gateway uses it: a few subprocesses, so that one slow mail holds up no other, and a second, lighter try.
Knows no mail.
"""

from __future__ import annotations

import asyncio
from types import TracebackType

import msgspec

from mailgateway.reading.parsed import MailAttachment, ParsedMail
from mailgateway.reading.parser_worker import COMMAND, GLANCE, WHOLE, Answer, Broken, ParserWorker

MAX_MAIL = 64 * 1024 * 1024
WORKERS = 3
"""Started one by one, when all others are at work."""
HEAVY = 4 * 1024 * 1024
"""Octets from which mails are parsed one at a time: together they must not take the memory of the machine."""


class Unparsable(Exception):
    """This mail could not be parsed; `reason` is a sentence for the person who looks at the quarantine."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Parsed(Answer):
    mail: ParsedMail | None = None


ANSWER = msgspec.msgpack.Decoder(_Parsed)


class ParserProcess:
    """`await parse(raw)` gives a ParsedMail or raises Unparsable; any number of callers.

    A mail that ends its worker, or takes too long, is read once more with hardly any means: its notes then say `read-lightly`, and
    the mail itself is its only attachment.
    """

    def __init__(self, *, seconds: float = 10.0, command: tuple[str, ...] = COMMAND, workers: int = WORKERS) -> None:
        self._idle = [ParserWorker(command, seconds=seconds) for _ in range(workers)]
        self._all = tuple(self._idle)
        self._free = asyncio.Semaphore(workers)
        self._heavy = asyncio.Semaphore(1)

    async def parse(self, raw: bytes) -> ParsedMail:
        if len(raw) > MAX_MAIL:
            raise Unparsable(f"The mail has {len(raw)} bytes; more than {MAX_MAIL} are not parsed.")
        if len(raw) < HEAVY:
            return await self._parsed(raw)
        async with self._heavy:
            return await self._parsed(raw)

    @property
    def pids(self) -> tuple[int, ...]:
        """The subprocesses that run now, the busiest first."""
        return tuple(worker.pid for worker in reversed(self._all) if worker.pid is not None)

    async def close(self) -> None:
        for worker in self._all:
            await worker.stop()

    async def __aenter__(self) -> ParserProcess:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def _parsed(self, raw: bytes) -> ParsedMail:
        async with self._free:
            # The one that worked last, so that the others need not be started at all.
            worker = self._idle.pop()
            try:
                return await _asked(worker, raw)
            finally:
                self._idle.append(worker)


async def _asked(worker: ParserWorker, raw: bytes) -> ParsedMail:
    first = await _answer(worker, WHOLE, raw)
    if first.mail is not None:
        return first.mail
    second = await _answer(worker, GLANCE, raw)
    if second.mail is None:
        raise Unparsable(first.reason)
    return msgspec.structs.replace(
        second.mail,
        attachments=(MailAttachment(name="mail.eml", media_type="message/rfc822", content=raw),),
        notes=(*second.mail.notes, "read-lightly"),
    )


async def _answer(worker: ParserWorker, task: int, raw: bytes) -> _Parsed:
    """The mail, or a sentence why there is none."""
    try:
        answer = ANSWER.decode(await worker.ask(task, raw))
    except (Broken, msgspec.MsgspecError) as problem:
        return _Parsed(reason=str(problem))
    return answer if answer.mail is not None else _Parsed(reason=f"The mail could not be parsed: {answer.reason}.")
