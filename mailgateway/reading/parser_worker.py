"""One subprocess that parses, seen from the gateway: started when needed, timed per mail, replaced after a crash.
Knows no mail, only frames.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import struct
import sys
from pathlib import Path

import msgspec

HEAD = struct.Struct(">IB")
"""Before a question: how many octets follow, and what to do with them."""
LENGTH = struct.Struct(">I")
"""Before an answer."""
WHOLE, GLANCE = 0, 1
"""What to do: parse, or look at the headers and the beginning only."""
COMMAND = (sys.executable, "-m", "mailgateway.parser")
# A fresh process now and then keeps the memory of one monstrous mail from staying for ever.
MAILS_PER_WORKER = 2000
OCTETS_PER_WORKER = 64 * 1024 * 1024
_HOME = str(Path(__file__).resolve().parent.parent.parent)


class Broken(Exception):
    """No answer came; the sentence says why. The process is gone, and the next question starts another."""


class ParserWorker:
    """`await ask(task, raw)` gives the frame that comes back, or raises Broken; one caller at a time."""

    def __init__(self, command: tuple[str, ...], *, seconds: float) -> None:
        self._command = command
        self._seconds = seconds
        self._process: asyncio.subprocess.Process | None = None
        self._mails = self._octets = 0

    async def ask(self, task: int, raw: bytes) -> bytes:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._asked(task, raw)
        except TimeoutError:
            await self.stop()
            raise Broken(f"Parsing took longer than {self._seconds:g} seconds.") from None
        except (OSError, asyncio.IncompleteReadError) as problem:
            await self.stop()
            raise Broken("The parser stopped while it worked on this mail.") from problem
        except BaseException:
            # Cancelled in mid-frame: what comes next on this pipe belongs to nobody.
            await self.stop()
            raise

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            # Not `process.kill()`: it looks whether the process has ended, and takes that news from the loop's own watcher.
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        # Python waits for the pipes too; closing ours lets it finish.
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()

    async def _asked(self, task: int, raw: bytes) -> bytes:
        process = await self._running()
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipes")
        self._mails += 1
        self._octets += len(raw)
        process.stdin.write(HEAD.pack(len(raw), task))
        process.stdin.write(raw)
        await process.stdin.drain()
        size = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))[0]
        return await process.stdout.readexactly(size)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._mails >= MAILS_PER_WORKER or self._octets >= OCTETS_PER_WORKER:
            await self.stop()
        if self._process is None or self._process.returncode is not None:
            # A short environment of its own: no secret of the server reaches the process that touches strangers' bytes.
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={"PYTHONPATH": _HOME, "PATH": os.environ.get("PATH", ""), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},
                cwd=_HOME,
            )
            self._mails = self._octets = 0
        return self._process


class Answer(msgspec.Struct):
    """What every frame that comes back has: empty when all went well, else half a sentence."""

    reason: str = ""
