"""The parser's subprocess seen from the gateway: started when needed, timed per mail, replaced after a crash.
Knows no mail, only frames.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
import sys
from pathlib import Path
from types import TracebackType

import msgspec

from mailgateway.parsed import ParsedMail

LENGTH = struct.Struct(">I")
MAX_MAIL = 64 * 1024 * 1024
# A fresh process now and then keeps the memory of one monstrous mail from staying for ever.
MAILS_PER_WORKER = 2000
_HOME = str(Path(__file__).resolve().parent.parent)


class Unparsable(Exception):
    """This mail could not be parsed; `reason` is a sentence for the person who looks at the quarantine."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Answer(msgspec.Struct):
    mail: ParsedMail | None = None
    reason: str = ""


ANSWER = msgspec.msgpack.Decoder(_Answer)


class ParserProcess:
    """`await parse(raw)` gives a ParsedMail or raises Unparsable; one mail at a time, any number of callers."""

    def __init__(self, *, seconds: float = 30.0, command: tuple[str, ...] = (sys.executable, "-m", "mailgateway.parser")) -> None:
        self._seconds = seconds
        self._command = command
        self._worker: asyncio.subprocess.Process | None = None
        self._served = 0
        self._turn = asyncio.Lock()

    async def parse(self, raw: bytes) -> ParsedMail:
        if len(raw) > MAX_MAIL:
            raise Unparsable(f"The mail has {len(raw)} bytes; more than {MAX_MAIL} are not parsed.")
        async with self._turn:
            try:
                async with asyncio.timeout(self._seconds):
                    answer = ANSWER.decode(await self._ask(raw))
            except TimeoutError:
                await self._stop()
                raise Unparsable(f"Parsing took longer than {self._seconds:g} seconds.") from None
            except (OSError, asyncio.IncompleteReadError, msgspec.MsgspecError) as problem:
                await self._stop()
                raise Unparsable("The parser stopped while it worked on this mail.") from problem
            except BaseException:
                # Cancelled in mid-frame: what comes next on this pipe belongs to nobody.
                await self._stop()
                raise
        if answer.mail is None:
            raise Unparsable(f"The mail could not be parsed: {answer.reason}.")
        return answer.mail

    @property
    def pid(self) -> int | None:
        """The subprocess that runs now, for doctor and metrics."""
        return self._worker.pid if self._worker is not None else None

    async def close(self) -> None:
        async with self._turn:
            await self._stop()

    async def __aenter__(self) -> ParserProcess:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def _ask(self, raw: bytes) -> bytes:
        worker = await self._running()
        if worker.stdin is None or worker.stdout is None:
            raise OSError("no pipes")
        self._served += 1
        worker.stdin.write(LENGTH.pack(len(raw)))
        worker.stdin.write(raw)
        await worker.stdin.drain()
        size = LENGTH.unpack(await worker.stdout.readexactly(LENGTH.size))[0]
        return await worker.stdout.readexactly(size)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._served >= MAILS_PER_WORKER:
            await self._stop()
        if self._worker is None or self._worker.returncode is not None:
            # A short environment of its own: no secret of the server reaches the process that touches strangers' bytes.
            self._worker = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={"PYTHONPATH": _HOME, "PATH": os.environ.get("PATH", ""), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},
                cwd=_HOME,
            )
            self._served = 0
        return self._worker

    async def _stop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        with contextlib.suppress(ProcessLookupError):
            worker.kill()
        # Python waits for the pipes too; closing ours lets it finish.
        if worker.stdin is not None:
            worker.stdin.close()
        await worker.wait()
