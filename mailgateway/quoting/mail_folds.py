"""Folds what a mail quotes, and its signature, in HTML that is clean already; and writes beside each link where it goes. Pure, one pass."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from mailgateway.quoting import html_signs
from mailgateway.quoting.html_text import TOKEN

_CUTS = (html_signs.CUT, html_signs.FRAME)
_SUMMARIES = {html_signs.QUOTE: "Quoted mail", html_signs.CUT: "Quoted mail", html_signs.SIGNATURE: "Signature"}
_VOID = {"br", "hr", "img", "col"}
_HREF = re.compile(r' href="([^"]*)"')
_MARK = "\0"
"""Stands for the word that opens a fold at once; clean HTML has no such character."""


@dataclass(slots=True)
class _Open:
    name: str
    at: int
    """Where in the page its tag stands."""
    seen: int
    """How much had been seen before it."""
    fold: str = ""
    """after | before: the fold ends after its end tag, or before it."""


def folded(source: str) -> str:
    """The page. If nothing stands outside of folds, they are open."""
    folding = _Folding()
    at = 0
    for match in TOKEN.finditer(source):
        folding.text(source[at : match.start()])
        folding.tag(match)
        at = match.end()
    folding.text(source[at:])
    return folding.finish()


class _Folding:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.stack: list[_Open] = []
        self.seen = 0
        self.outside = 0
        self.within = False
        self.link: tuple[int, str] | None = None

    def text(self, chunk: str) -> None:
        if not chunk:
            return
        self.out.append(chunk)
        if chunk.strip(" \t\r\n\xa0") and chunk.strip() != "&nbsp;":
            self._saw()

    def tag(self, match: re.Match[str]) -> None:
        name, rest = match[2], match[3]
        if match[1]:
            self._close(name, match[0])
            return
        if name in _VOID:
            if name == "img":
                self._saw()
            elif not self.within and html_signs.role(name, rest) in _CUTS:
                self._cut()
            self.out.append(match[0])
            return
        self._begin(name, rest)
        self.out.append(self._linked(match[0], rest) if name == "a" else match[0])

    def finish(self) -> str:
        if self.within and not any(element.fold for element in self.stack):
            self.out.append("</details>")
        return "".join(self.out).replace(_MARK, "" if self.outside else " open")

    def _saw(self) -> None:
        self.seen += 1
        self.outside += not self.within

    def _begin(self, name: str, rest: str) -> None:
        role = "" if self.within else html_signs.role(name, rest)
        element = _Open(name, len(self.out), self.seen)
        if role in _CUTS:
            self._cut()
        elif role in _SUMMARIES:
            self.out.append(_begins(role))
            self.within = True
            element.fold = "after"
        self.stack.append(element)

    def _cut(self) -> None:
        """All that follows in the same frame is history; frames that hold nothing before it are taken in whole."""
        level, place = len(self.stack), len(self.out)
        while level and self.stack[level - 1].seen == self.seen:
            level -= 1
            place = self.stack[level].at
        self.out.insert(place, _begins(html_signs.CUT))
        self.within = True
        if level:
            self.stack[level - 1].fold = "before"

    def _close(self, name: str, tag: str) -> None:
        element = self.stack.pop() if self.stack and self.stack[-1].name == name else None
        fold = element.fold if element else ""
        if fold == "before":
            self.out.append("</details>")
        self.out.append(tag)
        if name == "a":
            self._goes_to()
        if fold == "after":
            self.out.append("</details>")
        if fold:
            self.within = False

    def _linked(self, tag: str, rest: str) -> str:
        found = _HREF.search(rest)
        host = _host(html.unescape(found[1])) if found else ""
        if not found or not host:
            return tag
        self.link = (len(self.out), host)
        return f'<a title="{found[1]}"{rest}>'

    def _goes_to(self) -> None:
        begin, host = self.link or (0, "")
        self.link = None
        if host and host.removeprefix("www.") not in "".join(self.out[begin + 1 :]).lower():
            self.out.append(f' <span class="tl-host">[{html.escape(host)}]</span>')


def _begins(role: str) -> str:
    return f'<details class="tl-fold"{_MARK}><summary>{_SUMMARIES[role]}</summary>'


def _host(address: str) -> str:
    """The host in letters that cannot be mistaken for others; empty for what is no web address."""
    try:
        host = urlsplit(address).hostname or "" if address.lower().startswith("http") else ""
        return host if host.isascii() else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        return "an address that cannot be read"
