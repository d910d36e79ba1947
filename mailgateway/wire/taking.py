"""Takes the text of one mail from the wire, within its bounds, and hands it on to the disk as it comes. Knows no verbs and no addresses."""

from __future__ import annotations

import asyncio

import structlog
from django.conf import settings

from mailgateway.inbound import Incoming
from mailgateway.wire import data_reader, replies
from mailgateway.wire.allowance import Goodbye
from mailgateway.wire.data_reader import LineTooLong, TooMuch
from mailgateway.wire.line_ends import LineEnds

log = structlog.get_logger()

LONGEST = 3600.0
"""Seconds that one mail may take, however slowly it drips."""
LINE = 1024 * 1024
"""Octets of one line of a mail: real ones have had more than 100,000."""


async def take(stream: asyncio.StreamReader, mail: Incoming) -> str:
    """Everything up to the end; gives the refusal, or nothing if all is well.

    Raises Goodbye for a line or a mail that does not end, and ConnectionResetError when the client is gone.
    """
    refusal, ends = "", LineEnds(settings.MAIL_LINE_ENDS)
    try:
        async with asyncio.timeout(LONGEST):
            async for piece in data_reader.pieces(stream, most=settings.MAIL_MAX, longest_line=LINE):
                if not refusal:
                    refusal = await _written(mail, ends.even(piece))
    except LineTooLong:
        raise Goodbye(replies.ENDLESS) from None
    except TooMuch:
        return replies.TOO_LARGE
    except TimeoutError:
        raise Goodbye(replies.SLOW) from None
    return refusal or (replies.BARE if ends.refused else "")


async def _written(mail: Incoming, piece: bytes) -> str:
    """The refusal if there is no room; the client hears it when it has sent everything."""
    try:
        await mail.write(piece)
    except OSError as problem:
        log.warning("mail_not_kept", problem=type(problem).__name__)
        mail.discard()
        return replies.AWAY
    return ""
