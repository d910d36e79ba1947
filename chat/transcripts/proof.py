"""Signs the head of a transcript, and says who signed one. Knows no format and no page.

Who only checks needs no Django: what signs is imported where it signs.
"""

from __future__ import annotations

import base64
from typing import Any

from chat.ledger import note


def head_text(origin: str, conversation: int | str, position: int, seal: bytes) -> str:
    """What is signed: the chain of this conversation, up to this position, ends in this seal."""
    return f"{origin}/conversation/{conversation}\n{position}\n{base64.b64encode(seal).decode()}\n"


def head_note(conversation: int, position: int, seal: bytes) -> str:
    """The signed note about a head (c2sp.org/signed-note). Reads and, with a new key, writes the list of keys."""
    from chat.people import signing_keys

    return signing_keys.sign(head_text(signing_keys.origin(), conversation, position, seal))


def head_proof(conversation: int, position: int, seal: bytes) -> dict[str, Any]:
    """What a JSON transcript holds under `proof`: the signed note, and the verifier key that opens it."""
    from chat.people import signing_keys

    return {"note": head_note(conversation, position, seal), "keys": [signing_keys.current_key().vkey]}


def signer(carried: Any, conversation: str, position: int, seal: bytes) -> note.Key | None:
    """The key that signed this head, out of those that the file names itself under `proof`; None if it carries no note.

    Whose key it is, only the list at its origin can say. Raises BadNote if the note does not belong to this head.
    """
    if not isinstance(carried, dict) or not carried.get("note"):
        return None
    keys = carried.get("keys")
    text, signers = note.signed_by(str(carried["note"]), map(str, keys) if isinstance(keys, list) else ())
    if text != head_text(signers[0].name, conversation, position, seal):
        raise note.BadNote("The signed note is about another head than that of this transcript.")
    return signers[0]
