"""How much one address or one conversation may cause, or get, in an hour. Trusts no header but the address, so that no loop talks its way
out; counts over all processes and restarts.
"""

from __future__ import annotations

from chat.people.tally import Counter


class Cap:
    """At most `most` a name within an hour. Runs on threads: it may ask the database."""

    def __init__(self, kind: str, most: int) -> None:
        self.most = most
        # A process that dies may lose a tenth of what is allowed, or one. Who writes once costs no write of ours.
        self.counter = Counter(kind, step=max(2, most // 10))

    def allows(self, name: str) -> bool:
        """Counts one and says whether it was within the cap."""
        return self.counter.add(name) <= self.most


acknowledgements = Cap("acknowledged", 3)
mails = Cap("mails", 600)
"""Mails of one address that belong to no conversation yet."""
unconfirmed = Cap("unconfirmed", 30)
"""Mails of ours to an address that somebody typed and nobody confirmed: it may be a stranger's, who wants none of them."""
in_one = Cap("in one", 600)
"""Mails into one conversation, whoever writes them. Nothing here answers a reply by itself: this bounds what a machine may pour in."""
notes = Cap("notes", 20)
"""Automatic mails that are noted in one conversation."""
EVERY = (acknowledgements, mails, unconfirmed, in_one, notes)


def too_many(sender: str, conversation: int) -> str:
    """Counts a mail that came in (`conversation` is 0 where it opens one). The sentence why it is set aside, or "" for a welcome one."""
    if not conversation and not mails.allows(sender):
        return "More mail came from this address within an hour than one person writes."
    if conversation and not in_one.allows(str(conversation)):
        return "More mail came into one conversation within an hour than people write: two machines may be answering each other."
    return ""
