"""By which elements mail programs set quotes and signatures apart in HTML; ids, classes and styles, each as the program writes it.

Knows single tags only; what is done with them stands in html_text.py.
"""

from __future__ import annotations

import re

from mailgateway.quoting.word_list import words

QUOTE, CUT, FRAME, ATTRIBUTION, SIGNATURE, INDENT = "quote", "cut", "frame", "attribution", "signature", "indent"

# What stands inside is quoted.
_QUOTES = frozenset(
    words("""
        yahoo_quoted | protonmail_quote | tutanota_quote | zmail_extra | ms-outlook-mobile-reference-message | missive_quote |
        mail-editor-reference-message-container | olk_src_body_section | messagereplysection | front-blockquote | isreplycontent |
        gmail_quote_reply | reply_quote | replyquote | aolmail_quote | mobile_quote | hey-quote
    """)
)
# What follows is quoted, to the end of the mail: such programs put all of the other mail below, without a frame around it.
_CUTS = frozenset(words("divrplyfwdmsg | stopspelling | zwchr | reply_header_separator"))
# The line above a quote.
_ATTRIBUTIONS = frozenset(words("gmail_attr | moz-cite-prefix | gmail_quote_attribution | protonmail_attribution | tutanota_attribution"))
_SIGNATURES = frozenset(
    words("""
        gmail_signature | moz-signature | signature | ms-outlook-mobile-signature | composer_signature |
        applemailsignature | mailsignature | messagesignaturesection | protonmail_signature_block | bloop_sign | zmail_signature |
        yahoo-signature | yahoo_signature | email-signature | tutanota_signature | sh-signature | missive_signature | front-signature |
        physicalmailsignature | lineheight_signature
    """)
)
_ATTRIBUTE = re.compile(r'(class|id|name|style|type|cite|data-marker)="([^"]*)"')
# Word's frame above a copied header, as Outlook writes it and as browsers write it again.
_HEADER_FRAME = re.compile(
    r"border:\s*none;\s*border-top:\s*solid[^;]{1,60};\s*padding:\s*3(?:\.0)?pt"
    r"|border-style:\s*solid none none;[^\"]{0,200}padding:\s*3(?:\.0)?pt"
    r"|padding:\s*3(?:\.0)?pt [^;]{1,30};[^\"]{0,120}border-style:\s*solid none none"
    r"|border-top-color:\s*rgb\(22[59], ?22[59], ?22[59]\);\s*border-top-width:\s*1px;\s*border-top-style:\s*solid",
    re.IGNORECASE,
)
_NO_BORDER = re.compile(r"border(?:-left)?:\s*(?:none|0|medium none)", re.IGNORECASE)


def role(name: str, rest: str) -> str:
    """What the tag says about what it holds; "" for most. `rest` is the tag's text behind its name, with double quotes."""
    if "=" not in rest:
        return QUOTE if name == "blockquote" else ""
    found = {match[1]: match[2] for match in _ATTRIBUTE.finditer(rest)}
    names = _names(found)
    if names & _SIGNATURES:
        return SIGNATURE
    if name == "blockquote":
        indented = not {"type", "cite"} & set(found) and not names and _NO_BORDER.search(found.get("style", ""))
        return INDENT if indented else QUOTE
    if names & _ATTRIBUTIONS:
        return ATTRIBUTION
    if names & _QUOTES or found.get("name") == "quote":
        return QUOTE
    if names & _CUTS or found.get("data-marker") == "__HEADERS__":
        return CUT
    return FRAME if _HEADER_FRAME.search(found.get("style", "")[:600]) else ""


def _names(found: dict[str, str]) -> set[str]:
    """Ids, classes and names, without what programs put in front of those in mails that they show."""
    told = f"{found.get('class', '')} {found.get('id', '')} {found.get('name', '')}"[:400].lower().split()
    return {_bare(word) for word in told}


def _bare(word: str) -> str:
    while word.startswith("x_"):
        word = word[2:]
    if word.startswith("ydp"):
        # Yahoo: "ydp1a2b3c4dyahoo_quoted".
        return next((known for known in ("yahoo_quoted", "signature") if word.endswith(known)), word)
    return "mail-editor-reference-message-container" if word.startswith("mail-editor-reference-message") else word
