"""What an action is: one verb, one button. A file in this room defines one subclass; `perform` runs it for somebody.

Knows no channel and no page: faces send a name and a form, and draw what `offered` tells them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from chat.actions.access import Case, Who, enter, enter_again
from chat.ledger.append import Command, Receipt, Refused, append
from chat.ledger.read import in_thread

AGENTS = frozenset({"agent", "lead", "admin"})
"""Roles that may act on conversations; analysts only look."""
CUSTOMER = frozenset({"customer"})


class BadForm(Refused):
    """A field of the form is missing or wrong; `field` names it."""

    code = "form"

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class Forbidden(Refused):
    code = "forbidden"


class Action:
    """Base of every action. A subclass sets `name`, `label`, `who`, its `Form`, and writes `command`."""

    name: ClassVar[str]
    label: ClassVar[str]
    """The words on the button."""
    shortcut: ClassVar[str] = ""
    """Key in the inbox, as in design section 4; empty if there is none."""
    who: ClassVar[frozenset[str]]
    """Roles that may perform it: of agents, and `customer`."""
    opens: ClassVar[bool] = False
    """True if it opens a conversation instead of acting on one."""

    class Form(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
        """What the person fills in."""

    def offered(self, case: Case) -> bool:
        """Whether the button is shown in this state. Pure: live connections ask it at every event, and nothing may be read for it."""
        return True

    def reads(self, form: Any) -> bool:
        """Whether `command` looks anything up for this form. If not, it is made in the event loop, without a thread."""
        return True

    def can_be_undone(self, form: Any) -> bool:
        """Whether it may wait for some seconds in which its author can take it back: for what reaches somebody who is not there. Pure."""
        return False

    def command(self, case: Case, form: Any, *, key: str, channel: str) -> Command:
        """The facts this makes, with the guard that must hold when they are written. Runs on a thread, unless `reads` says no."""
        raise TypeError(f"{type(self).__name__} has no command().")

    def opening(self, who: Who, site: int, form: Any, *, key: str, channel: str) -> Command:
        """Like `command`, for actions that open a conversation."""
        raise TypeError(f"{type(self).__name__} opens nothing.")

    def answer(self, who: Who, form: Any, receipt: Receipt) -> dict[str, str]:
        """What the person is told after the commit besides place and time; most actions have nothing more to tell."""
        return {}


_actions: dict[str, Action] = {}


def register_action(action: type[Action]) -> type[Action]:
    """Class decorator: put an action into the registry. Two with one name are refused."""
    known = _actions.get(action.name)
    if known is not None and type(known).__module__ != action.__module__:
        raise TypeError(f"Two actions are called {action.name!r}: {type(known).__module__} and {action.__module__}.")
    # msgspec looks into a type at its first use, and crashes the process if two threads do so at once: here is one alone.
    msgspec.json.Decoder(action.Form)
    known_now = {**_actions, action.name: action()}
    _actions.clear()
    _actions.update(sorted(known_now.items()))
    return action


def actions() -> Mapping[str, Action]:
    """All of them, by name."""
    return _actions


def offered(case: Case) -> list[Action]:
    """The actions this person may perform on this conversation now."""
    role = case.who.role or case.who.side
    return [a for a in _actions.values() if role in a.who and not a.opens and a.offered(case)]


async def perform(
    who: Who,
    name: str,
    form: Mapping[str, Any],
    *,
    key: str,
    channel: str,
    conversation: int = 0,
    site: int = 0,
    known: Case | None = None,
) -> Receipt:
    """Perform an action and wait until it is durable. The same key again gives the same receipt.

    `known` is the conversation as this person entered it before, with the latest head: it saves the look.

    Raises Refused: Forbidden, BadForm, NoSuchConversation, KeyConflict, Busy, or the action's own guard.
    """
    action = _actions.get(name)
    if action is None:
        raise BadForm(f"There is no action {name[:40]!r}.", field="action")
    if (who.role or who.side) not in action.who:
        raise Forbidden(f"You may not {action.label.lower()} here.")
    if not key or len(key) > 100:
        raise BadForm("An action needs a key of 1 to 100 characters.", field="key")
    filled = _filled(action, form)

    def command() -> Command:
        if action.opens:
            return action.opening(who, site, filled, key=key, channel=channel)
        return action.command(enter(who, conversation), filled, key=key, channel=channel)

    if known is not None and not action.opens and not action.reads(filled):
        return await append(action.command(enter_again(known), filled, key=key, channel=channel))
    return await append(await in_thread(command))


def check(who: Who, name: str, form: Mapping[str, Any], *, key: str, channel: str, conversation: int) -> bool:
    """Whether this may wait and be undone; nothing is written. On a thread. Raises as `perform` would, as things stand now."""
    action = _actions.get(name)
    if action is None or action.opens or (who.role or who.side) not in action.who:
        return False
    filled = _filled(action, form)
    if not action.can_be_undone(filled):
        return False
    case = enter(who, conversation)
    command = action.command(case, filled, key=key, channel=channel)
    if command.expect is not None and len({fact.conversation for fact in command.facts}) == 1:
        command.expect(case.state)
    return True


def answered(who: Who, name: str, form: Mapping[str, Any], receipt: Receipt) -> dict[str, str]:
    """What to tell somebody who performed an action, for the `ack` of docs/protocol.md."""
    action = _actions[name]
    if type(action).answer is Action.answer:
        return {}
    return action.answer(who, _filled(action, form), receipt)


def _filled(action: Action, form: Mapping[str, Any]) -> Any:
    try:
        return msgspec.convert(form, action.Form, strict=True)
    except msgspec.ValidationError as problem:
        words = str(problem)
        field = words.rsplit("`$.", 1)[-1].rstrip("`") if "`$." in words else ""
        raise BadForm(f"{action.label}: {words}.", field=field) from problem
