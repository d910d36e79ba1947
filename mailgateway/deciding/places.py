"""Where one mail belongs: into which conversations, and at which sites it is new; or why nobody can say. Reads the ledger alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chat.ledger import read
from chat.ledger.keeping import is_gone
from chat.ledger.read import Head
from mailgateway import addresses, thread
from mailgateway.deciding import roles
from mailgateway.thread import Hit, Trail

MAX_STEPS = 5
"""Conversations that one goes on in, one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A conversation, or a site at which the mail opens one; by which step it was found, and to whom the sign was issued."""

    head: Head | None = None
    site: int = 0
    step: str = thread.NEW
    addressee: int = 0

    @property
    def name(self) -> str:
        """Tells this place from the others of the same mail."""
        return str(self.head.conversation) if self.head else f"site {self.site}"


@dataclass(frozen=True, slots=True)
class Places:
    """All that is known of where a mail belongs. With a `conflict` nobody decides but a person; `likely` is where it may belong."""

    trail: Trail
    conversations: tuple[Place, ...] = ()
    conflict: str = ""
    likely: int | None = None


def find(trail: Trail, sender: str) -> Places:
    """The conversations that the signs name, once they were followed to where they go on now."""
    heads = _heads(trail.hits, sender)
    crossed = next((hit for hit in trail.hits if _crossed(hit, heads)), None)
    trail = trail.onward({conversation: head.conversation for conversation, head in heads.items()})
    here = {head.conversation: head for head in heads.values()}
    if crossed is not None:
        at = heads[crossed.conversation].conversation
        return Places(trail, conflict="Its address is of one brand, and the sign in it of a conversation with another.", likely=at)
    conflict, likely = _conflict(trail, here, sender)
    if conflict:
        return Places(trail, conflict=conflict, likely=likely)
    named = trail.addressed or tuple(hit.conversation for hit in trail.hits[:1])
    return Places(trail, conversations=tuple(_place(here[one], trail.hits) for one in named))


def of_sites(conversations: Sequence[Place], written_to: Iterable[str]) -> list[Place]:
    """The sites whose plain address it was sent to, and where none of these conversations is."""
    met = {place.head.site for place in conversations if place.head}
    return [Place(site=site) for site in addresses.sites_written_to(written_to) if site not in met]


def onward(head: Head, sender: str) -> Head:
    """The conversation in which this one goes on: merged into it, or continued by an author who came back after the end."""
    for _ in range(MAX_STEPS):
        merged, late = head.state.merged_into, head.state.continued_in
        following = read.head(int(merged or late)) if (merged or late).isdecimal() else None
        if following is None or (not merged and not roles.of(following, sender).main):
            return head
        head = following
    return head


def _heads(hits: Sequence[Hit], sender: str) -> dict[int, Head]:
    """By the conversation that a sign names, where that goes on now. None for a record whose content is gone: nobody could be answered in
    it, so the mail opens a conversation of its own."""
    known = read.heads(list({hit.conversation for hit in hits}))
    found = {conversation: onward(head, sender) for conversation, head in known.items()}
    return {conversation: head for conversation, head in found.items() if not is_gone(head.state)}


def _crossed(hit: Hit, heads: Mapping[int, Head]) -> bool:
    return bool(hit.address) and hit.conversation in heads and addresses.is_of_other_site(hit.address, heads[hit.conversation].site)


def _conflict(trail: Trail, heads: Mapping[int, Head], sender: str) -> tuple[str, int | None]:
    """What does not fit together, in words for agents, and the conversation it may belong to nevertheless."""
    addressed, referred = trail.addressed, trail.referred
    named = (*addressed, *referred)
    known = [one for one in dict.fromkeys(named) if roles.of(heads[one], sender).known] if len(set(named)) > 1 else list(named[:1])
    likely = next(iter((*known, *named)), None)
    if trail.disagree:
        return "Its address and its references name different conversations.", likely
    if len(addressed) > 1 and not set(addressed) <= set(known):
        return "It was sent to addresses of several conversations, and its author takes part in not all of them.", likely
    if not addressed and len(referred) > 1 and known and referred[0] not in known:
        return "Its references name different conversations, the latest one of other people.", likely
    return "", None


def _place(head: Head, hits: Sequence[Hit]) -> Place:
    hit = next(hit for hit in hits if hit.conversation == head.conversation)
    return Place(head=head, site=head.site, step=hit.step, addressee=hit.addressee)
