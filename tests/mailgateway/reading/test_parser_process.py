"""The parser's subprocess for real: many mails, a crash, a mail that takes for ever, and no Django inside."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from mailgateway.parser import ParserProcess, Unparsable, parse
from tests.mailgateway import mails


async def test_the_subprocess_says_the_same_as_the_function_mail_after_mail() -> None:
    async with ParserProcess() as process:
        for path in mails.every()[::6]:
            raw = path.read_bytes()
            assert await process.parse(raw) == parse(raw)


async def test_many_callers_get_each_their_own_answer() -> None:
    async with ParserProcess() as process:
        parsed = await asyncio.gather(*(process.parse(mails.mail(Subject=f"Lamp {n}")) for n in range(50)))
    assert [one.subject for one in parsed] == [f"Lamp {n}" for n in range(50)]


async def test_a_crash_concerns_one_mail_only_and_that_one_is_read_lightly() -> None:
    async with ParserProcess() as process:
        await process.parse(mails.mail())
        (pid,) = process.pids
        raw = mails.mail("The lamp flickers.\r\n" * 1_500_000)
        waiting = asyncio.create_task(process.parse(raw))
        await asyncio.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        parsed = await waiting
        assert (await process.parse(mails.mail(Subject="Again"))).subject == "Again"
    assert parsed.subject == "Lamp"
    assert parsed.text.startswith("The lamp flickers.")
    assert "read-lightly" in parsed.notes
    assert [(one.name, one.content == raw) for one in parsed.attachments] == [("mail.eml", True)]


async def test_what_ends_every_worker_is_unparsable() -> None:
    async with ParserProcess(command=("/bin/false",)) as process:
        with pytest.raises(Unparsable, match="stopped"):
            await process.parse(mails.mail())


async def test_a_slow_mail_holds_up_no_other() -> None:
    slow = "import sys,time; sys.path.insert(0, '.'); from mailgateway import parser as p; q = p.parse\n"
    slow += "p.parse = lambda raw, **more: (time.sleep(30 if b'slow' in raw else 0), q(raw, **more))[1]\np.main()"
    async with ParserProcess(command=(sys.executable, "-c", slow)) as process:
        waiting = asyncio.create_task(process.parse(mails.mail("slow")))
        await asyncio.sleep(0)
        assert [(await process.parse(mails.mail(Subject=f"{n}"))).subject for n in range(5)] == ["0", "1", "2", "3", "4"]
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_a_mail_that_takes_too_long_is_given_up() -> None:
    sleeper = (sys.executable, "-c", "import time; time.sleep(60)")
    async with ParserProcess(seconds=0.3, command=sleeper) as process:
        with pytest.raises(Unparsable, match=r"longer than 0\.3 seconds"):
            await process.parse(mails.mail())
        assert process.pids == ()


async def test_a_caller_that_goes_away_leaves_no_answer_for_the_next() -> None:
    async with ParserProcess() as process:
        task = asyncio.create_task(process.parse(mails.mail("x" * 20_000_000, Subject="First")))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (await process.parse(mails.mail(Subject="Second"))).subject == "Second"


def test_the_parser_knows_no_django() -> None:
    code = "import sys, mailgateway.parser; sys.exit(any(name.split('.')[0] in {'django', 'channels', 'chat'} for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
