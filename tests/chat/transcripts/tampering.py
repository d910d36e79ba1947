"""Ways to tamper with a saved transcript, each named, with the place that a verifier has to name. Knows the file's shape alone.

The same list is put before the Python verifier and before the page in the browser: they must agree.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any

Document = dict[str, Any]
Tampers = Callable[[Document], None]


def entry(document: Document, kind: str) -> Document:
    """The first entry of a kind that stands open."""
    found: Document = next(one for one in document["entries"] if one.get("kind") == kind)
    return found


def saved(document: Document) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def _said(document: Document) -> Document:
    return entry(document, "message.said")


def _change_body(document: Document) -> None:
    _said(document)["body"]["text"] += " And EUR 400 more."


def _change_value(document: Document) -> None:
    said = _said(document)
    said["body"]["text"] += "!"
    said["fields"]["text"]["value"] = json.dumps(said["body"]["text"], ensure_ascii=False)


def _change_salt(document: Document) -> None:
    field = _said(document)["fields"]["text"]
    field["salt"] = field["salt"].upper() if field["salt"].upper() != field["salt"] else "00" * 16


def _change_sentence(document: Document) -> None:
    _said(document)["sentence"] = "Nadia said nothing."


def _add_field(document: Document) -> None:
    said = _said(document)
    said["fields"]["promise"] = {"salt": "00" * 16, "value": '"EUR 400"'}
    said["body"]["promise"] = "EUR 400"


def _add_to_body(document: Document) -> None:
    _said(document)["body"]["promise"] = "EUR 400"


def _add_key(document: Document) -> None:
    _said(document)["text"] = "We promise EUR 400."


def _add_to_pair(document: Document) -> None:
    _said(document)["fields"]["text"]["was"] = "EUR 400"


def _change_kind(document: Document) -> None:
    _said(document)["kind"] = "note.added"


def _change_actor(document: Document) -> None:
    _said(document)["actor"] = "agent:1"


def _change_time(document: Document) -> None:
    said = _said(document)
    said["time"] = "2020" + said["time"][4:]


def _change_at(document: Document) -> None:
    _said(document)["at"] += 1


def _position_as_true(document: Document) -> None:
    document["entries"][0]["position"] = True


def _leave_out(document: Document) -> None:
    said = _said(document)
    for name in ("kind", "kind_version", "actor", "channel", "audience", "sentence", "body", "crossed_out", "fields"):
        del said[name]
    said["left_out"] = "team"


def _other_ground(document: Document) -> None:
    one = next(one for one in document["entries"] if "left_out" in one)
    one["left_out"] = "There was nothing here."


def _hide_note(document: Document) -> None:
    at = next(at for at, one in enumerate(document["entries"]) if one.get("kind") == "note.added")
    note = document["entries"][at]
    document["entries"][at] = {name: note[name] for name in ("position", "at", "header", "digests", "seal")} | {"left_out": "team"}


def _take_out_field(document: Document) -> None:
    said = _said(document)
    said["fields"]["text"] = said["fields"]["_sentence"] = None
    del said["body"]["text"]
    said["crossed_out"], said["sentence"] = ["text"], "This entry is crossed out."


def _drop_entry(document: Document) -> None:
    del document["entries"][2]


def _drop_last(document: Document) -> None:
    del document["entries"][-1]


def _twice(document: Document) -> None:
    document["entries"].insert(3, copy.deepcopy(document["entries"][2]))


def _swap(document: Document) -> None:
    entries = document["entries"]
    entries[2], entries[3] = entries[3], entries[2]


def _other_end(document: Document) -> None:
    document["seal"] = "ab" * 32


def _other_conversation(document: Document) -> None:
    document["conversation"] = "1"


def _for_agents(document: Document) -> None:
    document["audience"] = "agents"


def _header_with_space(document: Document) -> None:
    first = document["entries"][0]
    first["header"] = first["header"].replace(",", ", ")
    _close(document)


def _header_twice(document: Document) -> None:
    first = document["entries"][0]
    first["header"] = first["header"].replace('"actor":', '"actor":"agent:1","actor":', 1)
    _close(document)


def _early(document: Document) -> None:
    """Somebody with a chain of their own lets time run backwards."""
    _header(document["entries"][-1], at=document["entries"][0]["at"])
    document["entries"][-1]["at"] = document["entries"][0]["at"]
    document["entries"][-1].pop("time", None)
    _close(document)


def _other_number(document: Document) -> None:
    _header(document["entries"][-1], conversation="1")
    _close(document)


TAMPERINGS: dict[str, tuple[Tampers, str]] = {
    "what somebody said reads differently": (_change_body, "reads differently"),
    "a sealed text was replaced": (_change_value, "'text' was changed"),
    "a salt was written differently": (_change_salt, "'text' was changed"),
    "the sentence reads differently": (_change_sentence, "reads differently"),
    "a field was added": (_add_field, "added or removed"),
    "the body says more than the fields": (_add_to_body, "reads differently"),
    "an entry holds a word that nobody sealed": (_add_key, "not sealed"),
    "a field holds a word that nobody sealed": (_add_to_pair, "was changed"),
    "a line became a note": (_change_kind, "'kind'"),
    "somebody else said it": (_change_actor, "'actor'"),
    "it was said in another year": (_change_time, "'time'"),
    "it was said later": (_change_at, "'at'"),
    "a position is no number": (_position_as_true, "'position'"),
    "a line for everyone was left out": (_leave_out, "for everyone"),
    "the ground for leaving out was made up": (_other_ground, "ground"),
    "a note that its header opens was left out": (_hide_note, "ground"),
    "a line was taken out as if it were crossed out": (_take_out_field, "no entry says"),
    "an entry is missing": (_drop_entry, "missing"),
    "the last entry is missing": (_drop_last, "does not end"),
    "an entry stands there twice": (_twice, "missing"),
    "two entries changed places": (_swap, "missing"),
    "the head names another seal": (_other_end, "does not end"),
    "the head names another conversation": (_other_conversation, "another conversation"),
    "the head says that nothing was left out": (_for_agents, "everything"),
    "a header has spaces": (_header_with_space, "not written"),
    "a header says a thing twice": (_header_twice, "not written"),
    "the time runs backwards": (_early, "time"),
    "an entry of another conversation was sealed in": (_other_number, "belongs to another"),
}


def _header(one: Document, **changes: Any) -> None:
    header = json.loads(one["header"]) | changes
    one["header"] = json.dumps(header, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _close(document: Document) -> None:
    """Seals all of it again, as somebody could who has no key of ours."""
    previous = "0" * 64
    for one in document["entries"]:
        header = one["header"]
        old = json.loads(header)["prev"]
        one["header"] = header.replace(f'"prev":"{old}"', f'"prev":"{previous}"').replace(f'"prev": "{old}"', f'"prev": "{previous}"')
        body = hashlib.sha256(b"throughline/1/body\0" + one["digests"].encode()).digest()
        previous = one["seal"] = hashlib.sha256(b"throughline/1/seal\0" + one["header"].encode() + body).hexdigest()
    document["seal"] = previous


def forged(document: Document) -> Document:
    """A chain that holds, with another text in it: what only a signature, or an older copy, can tell from the true one."""
    document = copy.deepcopy(document)
    said = _said(document)
    said["body"]["text"] = "I never asked for anything."
    field = said["fields"]["text"]
    field["value"] = json.dumps(said["body"]["text"])
    digests = json.loads(said["digests"])
    digests["text"] = hashlib.sha256(b"throughline/1/field\0" + bytes.fromhex(field["salt"]) + field["value"].encode()).hexdigest()
    said["digests"] = json.dumps(digests, sort_keys=True, separators=(",", ":"))
    _close(document)
    return document


def sealed_in_base64(document: Document) -> str:
    return base64.b64encode(bytes.fromhex(document["seal"])).decode()
