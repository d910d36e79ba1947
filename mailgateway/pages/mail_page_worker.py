"""The subprocess that makes a page of a mail (`python -m mailgateway.pages.mail_page_worker`): one mail in, one page out, and it ends.

Must never import Django.
"""

from __future__ import annotations

import resource
import sys

import msgspec

from mailgateway.pages import mail_page
from mailgateway.parser import parse
from mailgateway.reading.parser_worker import HEAD, LENGTH, Answer

BARE, PICTURED = 0, 1
"""What to do: leave out the pictures that lie elsewhere, or name them."""
COMMAND = (sys.executable, "-m", "mailgateway.pages.mail_page_worker")
CPU_SECONDS = 8
DATA_BYTES = 384 * 1024 * 1024


class Page(Answer):
    html: str = ""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_DATA, (DATA_BYTES, DATA_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    size, task = HEAD.unpack(sys.stdin.buffer.read(HEAD.size))
    try:
        answer = Page(html=mail_page.page(parse(sys.stdin.buffer.read(size)), pictures=task == PICTURED))
    except MemoryError:
        answer = Page(reason="it needs more memory than one mail may take")
    frame = msgspec.msgpack.encode(answer)
    sys.stdout.buffer.write(LENGTH.pack(len(frame)))
    sys.stdout.buffer.write(frame)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
