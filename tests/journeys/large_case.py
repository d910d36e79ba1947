"""A case with large files for the journeys, written into a server's store before it starts: `python -m tests.journeys.large_case MB`.

Prints the secret of a link to it. Run with the server's own settings.
"""

from __future__ import annotations

import os
import sys

import django


def main(megabytes: int) -> None:
    django.setup()
    from django.core.management import call_command

    from chat.events.talk import MessageSaid
    from chat.ledger import blobs
    from chat.ledger.event import AttachmentRef
    from chat.ledger.writer import stop_writer
    from chat.people import links
    from tests.chat.nadia import NadiasCase

    call_command("migrate", verbosity=0, interactive=False)
    case, size = NadiasCase(), 20 * 1024 * 1024
    for number in range(megabytes // 20):
        beginning = os.urandom(1024 * 1024)
        digest = blobs.store_stream(beginning for _ in range(20))
        file = AttachmentRef(name=f"photo-{number}.jpg", media_type="image/jpeg", size=size, digest=digest)
        case.add(MessageSaid(by="Nadia", text=f"Photo {number}.", attachments=(file,)))
    case.tell()
    print(links.issue(case.conversation, case.nadia.ref, bearer=True).path.partition("#")[2])
    stop_writer()


if __name__ == "__main__":
    main(int(sys.argv[1]))
