"""What a TCP proxy says before the client's first word: whom it speaks for (the PROXY protocol, versions 1 and 2). Knows no SMTP."""

from __future__ import annotations

import asyncio

import structlog
from aiosmtpd.proxy_protocol import AF, V2_CMD, get_proxy

log = structlog.get_logger()


async def spoken_for(stream: asyncio.StreamReader) -> str | None:
    """The client's address; empty if the proxy speaks for itself (a health check) or does not say. None if this is no such line.

    https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt, sections 2.1 and 2.2.
    """
    told = await get_proxy(stream)
    if not told:
        log.warning("smtp_proxy_unclear", problem=told.error)
        return None
    local = told.version == 2 and told.command == V2_CMD.LOCAL
    known = not local and told.family in (AF.INET, AF.INET6) and told.src_addr is not None
    return str(told.src_addr) if known else ""
