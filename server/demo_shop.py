"""The demo shop: fills an empty store with a believable past, told through the same events as a real one.

Mails of that past are recorded, not sent; only the clock is turned back, and only while filling.
"""

from __future__ import annotations

import random
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chat.events.commitment import CommitmentKept, CommitmentMade
from chat.events.decision import DecisionIssued
from chat.events.delivery import LinesMailed, MailBounced, MailSent
from chat.events.handoff import HandoffAccepted, HandoffClaimed, HandoffOffered
from chat.events.lifecycle import ConversationClosed, ConversationMoved, ConversationOpened
from chat.events.talk import MessageSaid, MessageSeen, NoteAdded
from chat.ledger import deliveries
from chat.ledger.append import Command, CompanionRow, Fact, Joins, Opens, Receipt, Told, append_sync
from chat.ledger.event import AttachmentRef, Kind
from chat.ledger.read import count_conversations
from chat.ledger.writer import running_writer
from chat.people.match import typed
from chat.people.models import Agent, Customer, Site
from server.demo_files import file_named
from server.demo_stories import CITIES, LAMPS, NAMES, STORIES, Step, Story

DAYS = 60
"""How far back the past reaches."""
REST = 6
"""Days after which a story of the past has come to its end."""
SECOND = 1_000_000
_AGENTS = (("Ruth", "admin"), ("Tom", "agent"), ("Ines", "lead"))


def sign_in_file() -> Path:
    """Where the demo's password is kept, for whoever starts the demo again."""
    return Path(settings.DATA) / "demo-password"


def fill(conversations: int = 240) -> None:
    """Make the shop, its agents and `conversations` conversations. Refuses a store that holds any."""
    if count_conversations(cap=1) or Agent.objects.exists():
        raise SystemExit("The store is not empty. The demo shop goes into an empty one: choose another THROUGHLINE_DATA.")
    site, agents = _shop()
    chance = random.Random(4821)  # the same shop for everybody
    now = time.time_ns() // 1000
    writer = running_writer()
    truth = writer.clock
    columns = (TextColumn("Filling the demo shop"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, transient=True) as progress:
            for index in progress.track(range(conversations)):
                # Most of it long ago, the last ones within this hour.
                age = DAYS * 86_400 * (1 - (index + 1) / conversations) ** 1.6 + chance.uniform(120, 2400)
                teller = _Teller(site, agents, chance, now - int(age * SECOND), now)
                writer.clock = lambda teller=teller: teller.at  # type: ignore[misc]  # bound now, read by the writer's thread
                teller.tell(STORIES[index % len(STORIES) if age > REST * 86_400 else chance.randrange(len(STORIES))], whole=age > 86_400)
    finally:
        writer.clock = truth


def _shop() -> tuple[Site, list[Agent]]:
    site = Site.objects.create(key="brindle", name="Brindle Lamps", prefix="BR", hue=186, zone="Europe/Berlin")
    password = "-".join(secrets.choice(LAMPS).lower() + str(secrets.randbelow(90) + 10) for _ in range(3))
    agents = []
    for name, role in _AGENTS:
        agent = Agent.objects.create_user(f"{name.lower()}@demo.example", password, name=name, role=role)
        agent.sites.add(site)
        agents.append(agent)
    path = sign_in_file()
    path.touch(mode=0o600)
    path.write_text(password + "\n")
    return site, agents


@dataclass
class _Teller:
    """Tells one story, event by event, on its own clock."""

    site: Site
    agents: list[Agent]
    chance: random.Random
    at: int
    end: int
    conversation: int = 0
    door: str = "widget"
    claimed: bool = False
    leaves: bool = False
    """Whether the customer is gone before the line that is told now."""
    promise: int = 0
    answer: int = 0
    """Position of our last line."""
    unseen: list[int] = field(default_factory=list)

    def tell(self, story: Story, *, whole: bool) -> None:
        subject, self.door, steps = story
        who = self.chance.choice(NAMES)
        lamp = self.chance.choice(LAMPS)
        self.agent = self.chance.choice(self.agents[1:])
        self.other = next(a for a in self.agents if a is not self.agent)
        self.words = {
            "name": who.split()[0],
            "agent": self.other.name,
            "lamp": lamp,
            "order": f"B-{self.chance.randrange(10_100, 10_990)}",
            "amount": str(self.chance.choice((15, 20, 25, 40, 60))),
            "city": self.chance.choice(CITIES),
        }
        self.customer = Customer.objects.create(site=self.site, name=who)
        self.address = f"{who.split()[0].lower()}.{self.customer.pk}@customer.example"
        typed(self.customer, self.address)
        # Ids rise with time, so they must be made for the time that is told.
        self.conversation = ((self.at // 1000 - 1_700_000_000_000) << 21) | secrets.randbits(21)
        self._open(self._fill(subject))
        # The recent ones are in the middle of something.
        told = len(steps) if whole else self.chance.randrange(1, len(steps) + 1)
        for step, following in zip(steps[:told], (*steps[1:], None), strict=False):
            self._pause()
            if self.at > self.end:
                break
            self.leaves = following is not None and following[0] == "away"
            getattr(self, f"_{step[0]}")(step)
        if whole and self.end - self.at > REST * 86_400 * SECOND and steps[-1][0] != "close":
            self._pause()
            self._agent(("agent", "I have noted it, {name}. Write again whenever you like; this thread stays."))
            self._pause()
            self._close(("close", "Answered; nothing is open."))

    def _open(self, subject: str) -> None:
        body = ConversationOpened(
            by=self.customer.name, customer=self.customer.ref, subject=subject, address=self.address, away_after=self.site.away_after
        )
        opens = Opens(conversation=self.conversation, site=self.site.pk, source="demo", key=str(self.conversation))
        self._append(body, self.customer.ref, self.door, Joins(conversation=self.conversation, ref=self.customer.ref), opens=opens)

    def _customer(self, step: Step) -> None:
        mail = self.door == "email"
        body = MessageSaid(
            by=self.customer.name,
            text=self._fill(step[1]),
            attachments=self._files(step),
            subject="" if not mail else "Re: your order",
            address=self.address if mail else "",
            found_by="reply address" if mail else "",
        )
        self._append(body, self.customer.ref, self.door)
        self.unseen.clear()

    def _mail(self, step: Step) -> None:
        self.door = "email"
        self._customer(step)

    def _agent(self, step: Step) -> None:
        rows = (Joins(conversation=self.conversation, ref=self.agent.ref),)
        if not self.claimed:
            self._append(HandoffClaimed(by=self.agent.name), self.agent.ref, "inbox")
            self.claimed = True
        body = MessageSaid(by=self.agent.name, text=self._fill(step[1]), attachments=self._files(step))
        position = self.answer = self._append(body, self.agent.ref, self.door, *rows).position
        if self.door == "email":
            self._sent(position)
        elif self.leaves:
            self.unseen.append(position)
        else:
            self._seen(position)

    def _reply(self, step: Step) -> None:
        self.door = "email"
        self._agent(step)

    def _note(self, step: Step) -> None:
        self._append(NoteAdded(by=self.agent.name, text=self._fill(step[1])), self.agent.ref, "inbox")

    def _hand(self, step: Step) -> None:
        body = HandoffOffered(by=self.agent.name, to=self.other.ref, to_name=self.other.name, reason=self._fill(step[1]))
        self._append(body, self.agent.ref, "inbox", Joins(conversation=self.conversation, ref=self.other.ref))

    def _accept(self, step: Step) -> None:
        self.agent, self.other = self.other, self.agent
        self._append(HandoffAccepted(by=self.agent.name, from_name=self.other.name), self.agent.ref, "inbox")

    def _promise(self, step: Step) -> None:
        body = CommitmentMade(by=self.agent.name, text=self._fill(step[1]), due=self.at + int(step[2]) * 86_400 * SECOND)
        self.promise = self._append(body, self.agent.ref, "inbox").position

    def _kept(self, step: Step) -> None:
        self._append(CommitmentKept(by=self.agent.name, of=self.promise, proof=self._fill(step[1])), self.agent.ref, "inbox")

    def _move(self, step: Step) -> None:
        body = ConversationMoved(by=self.agent.name, address=self.address, reason=self._fill(step[1]))
        self._sent(self._append(body, self.agent.ref, "email").position)

    def _away(self, step: Step) -> None:
        if self.unseen:
            self._sent(self._append(LinesMailed(lines=tuple(self.unseen), to=self.address), "system", "email").position)

    def _decide(self, step: Step) -> None:
        text, reasons, *remedies = (self._fill(words) for words in step[1:])
        body = DecisionIssued(by=self.agent.name, text=text, reasons=reasons, remedies=tuple(remedies), role="team lead")
        self._seen(self._append(body, self.agent.ref, self.door).position)

    def _close(self, step: Step) -> None:
        position = self._append(ConversationClosed(by=self.agent.name, outcome=self._fill(step[1])), self.agent.ref, self.door).position
        if self.door == "email":
            self._sent(position)

    def _bounce(self, step: Step) -> None:
        self._append(MailBounced(of=self.answer, to=self.address, said=step[1]), "system", "email")

    def _sent(self, position: int) -> None:
        """Record that the mail went out, so that nobody sends it now."""
        parcel = deliveries.of(self.conversation, position, "email")
        if parcel is not None:
            self.at += 2 * SECOND
            told = Told(delivery=parcel.id, state=deliveries.SENT)
            self._append(MailSent(of=position, to=self.address, said="250 2.0.0 Ok"), "system", "email", told)

    def _seen(self, position: int) -> None:
        self.at += self.chance.randrange(2, 40) * SECOND
        self._append(MessageSeen(by=self.customer.name, upto=position), self.customer.ref, "widget")

    def _append(self, body: Kind, actor: str, channel: str, *rows: CompanionRow, opens: Opens | None = None) -> Receipt:
        fact = Fact(conversation=self.conversation, body=body, actor=actor, channel=channel, key=f"demo:{secrets.token_hex(8)}")
        return append_sync(Command(facts=(fact,), opens=opens, rows=rows))

    def _pause(self) -> None:
        slow = 40 if self.door == "email" else 1
        self.at += int(self.chance.uniform(20, 200) * slow) * SECOND

    def _fill(self, words: str) -> str:
        return words.format(**self.words)

    def _files(self, step: Step) -> tuple[AttachmentRef, ...]:
        return tuple(file_named(self._fill(name)) for name in step[2:])
