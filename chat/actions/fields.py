"""What a form asks for, as plain data: a face can draw the form of an action it has never heard of. Knows no face."""

from __future__ import annotations

from functools import cache
from typing import Any

from msgspec import inspect

from chat.actions.action import Action

KINDS: dict[type[inspect.Type], str] = {
    inspect.StrType: "text",
    inspect.IntType: "number",
    inspect.BoolType: "flag",
    inspect.LiteralType: "choice",
    inspect.ListType: "list",
}
"""Type of a field to the word in docs/protocol.md; whatever is not here is `other`, which a face without a view of its own leaves out."""


@cache
def asked(form: type[Action.Form]) -> tuple[dict[str, Any], ...]:
    """The fields in the order of the form: `name`, `label`, `type`, `required`, and `choices` where there are some.

    The label is the title of the field (`Annotated[str, msgspec.Meta(title="…")]`), else its name. What people read for a choice stands in
    `words`, from `Meta(extra={"words": …})`; without them it is its own word.
    """
    told = inspect.type_info(form)
    assert isinstance(told, inspect.StructType)
    return tuple(_field(field) for field in told.fields)


def described(action: Action) -> dict[str, Any]:
    """An action as faces get it: `name`, `label`, `shortcut`, `fields`."""
    return {"name": action.name, "label": action.label, "shortcut": action.shortcut, "fields": asked(action.Form)}


def _field(field: inspect.Field) -> dict[str, Any]:
    kind, title, words = field.type, "", {}
    if isinstance(kind, inspect.Metadata):
        title, words, kind = (kind.extra_json_schema or {}).get("title", ""), (kind.extra or {}).get("words", {}), kind.type
    found = {
        "name": field.name,
        "label": title or field.name.replace("_", " ").capitalize(),
        "type": KINDS.get(type(kind), "other"),
        "required": field.required,
    }
    if isinstance(kind, inspect.LiteralType):
        found["choices"] = list(kind.values)
        if words:
            found["words"] = {value: words[value] for value in kind.values}
    elif isinstance(kind, inspect.ListType) and not isinstance(kind.item_type, inspect.StrType):
        found["type"] = "other"
    return found
