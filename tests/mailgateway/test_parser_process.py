"""The parser's subprocess for real: many mails, a crash, a mail that takes for ever, and no Django inside."""

from __future__ import annotations

import asyncio
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


async def test_a_crash_concerns_one_mail_only() -> None:
    async with ParserProcess() as process:
        await process.parse(mails.mail())
        assert process.pid is not None
        waiting = asyncio.create_task(process.parse(mails.mail("x" * 30_000_000)))
        await asyncio.sleep(0.05)
        subprocess.run(["kill", "-9", str(process.pid)], check=True)
        with pytest.raises(Unparsable, match="stopped"):
            await waiting
        assert (await process.parse(mails.mail(Subject="Again"))).subject == "Again"


async def test_a_mail_that_takes_too_long_is_given_up() -> None:
    sleeper = (sys.executable, "-c", "import time; time.sleep(60)")
    async with ParserProcess(seconds=0.3, command=sleeper) as process:
        with pytest.raises(Unparsable, match=r"longer than 0\.3 seconds"):
            await process.parse(mails.mail())
        assert process.pid is None


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
