"""The only way to get hold of a conversation: who asks, and may they. Unknown and foreign conversations get the same answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from chat.ledger import read
from chat.ledger.append import NoSuchConversation
from chat.ledger.event import Audience
from chat.ledger.read import Head
from chat.ledger.state import State
from chat.people.models import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Somebody who acts: a customer, an agent, or the system. `name` is what readers see."""

    ref: str
    name: str
    side: str
    """customer | agents | system"""
    role: str = ""
    """For agents: agent | lead | analyst | admin."""
    sites: frozenset[int] = frozenset()
    only: int = 0
    """A link session: this one conversation and no other."""
    visitor: str = ""
    """Digest of a visitor's token while no customer row exists yet."""

    @property
    def audience(self) -> Audience:
        return Audience.EVERYONE if self.side == "customer" else Audience.AGENTS

    @property
    def owner(self) -> str:
        """Whose uploads these are."""
        return f"visitor:{self.visitor}" if self.visitor else self.ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A conversation somebody may see, as they found it."""

    who: Who
    head: Head
    site: Site = field(repr=False)

    @property
    def conversation(self) -> int:
        return self.head.conversation

    @property
    def state(self) -> State:
        return self.head.state

    @property
    def case_number(self) -> str:
        return self.site.case(self.head.number)


def enter(who: Who, conversation: int) -> Case:
    """The conversation, if `who` may see it. Raises NoSuchConversation otherwise, in the same words whether it exists or not."""
    head = read.head(conversation)
    if head is None or not _may_see(who, head):
        raise NoSuchConversation("There is no such conversation.")
    return Case(who=who, head=head, site=Site.objects.get(pk=head.site))


def enter_again(case: Case) -> Case:
    """The same conversation for the same person a moment later, without a look at the ledger. Raises NoSuchConversation.

    Nobody's part in a conversation is ever taken back; the sites of an agent, and what a link opens, may have changed.
    """
    if not _within(case.who, case.head):
        raise NoSuchConversation("There is no such conversation.")
    return case


def _may_see(who: Who, head: Head) -> bool:
    return _within(who, head) and (who.side != "customer" or read.takes_part(who.ref, head.conversation))


def _within(who: Who, head: Head) -> bool:
    if who.only and who.only != head.conversation:
        return False
    if who.side == "customer":
        return bool(who.ref)
    return who.side == "system" or head.site in who.sites
