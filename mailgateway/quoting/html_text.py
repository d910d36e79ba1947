"""HTML to readable text: links keep their address, nothing is fetched; quotes become "> " lines and signatures stand below "-- ".

What html_signs.py tells of the structure is written the way that text mails have it, so that quotes.py needs to know no HTML.
"""

from __future__ import annotations

import html
import re

import nh3

from mailgateway.quoting import html_signs
from mailgateway.quoting.quote_signs import is_attribution, is_forward_line

MAX_HTML = 2 * 1024 * 1024
MAX_QUOTE_DEPTH = 12
MAX_SIGNED = 50
MAX_OPEN = 1500
"""Elements inside each other: mending them costs the square of it, in time and in memory. A thread of a hundred answers has 400."""

_BLOCKS = {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "tr", "pre", "dl", "dt", "dd", "center", "address"}
_VOID = {"br", "hr"}
_RULE = "-" * 24
_SPACED = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "dl"}
_KEPT = _BLOCKS | {"br", "hr", "li", "td", "th", "blockquote", "a", "span"}
_TELLING = {"class", "id", "name", "style", "type", "cite", "data-marker"}
_CLOSED_BY_OTHERS = {"br", "hr", "img", "input", "meta", "link", "wbr", "col", "p", "li", "dt", "dd", "tr", "td", "th", "option"}
TOKEN = re.compile(r'<(/?)([a-z0-9]+)((?:[^>"]++|"[^"]*+")*+)>')
_HREF = re.compile(r'href="([^"]*)"')
_SPACE = re.compile(r"[ \t\n\f\xa0]+")
_BEGUN = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_ANY_TAG = re.compile(r"<[^<>]*>")


def to_text(source: str) -> str:
    """Text of an HTML body; html5ever (through nh3) mends the markup first, so that one pass over flat tokens is enough."""
    source = source[:MAX_HTML]
    if too_deep(source):
        source = html.escape(html.unescape(_ANY_TAG.sub("\n", source)), quote=False).replace("\n", "<br>")
    mended = nh3.clean(
        source,
        tags=_KEPT,
        clean_content_tags={"script", "style", "title"},
        attributes={"a": {"href"}, "*": _TELLING},
        link_rel=None,
        strip_comments=True,
    )
    writer = _Writer()
    at = 0
    for match in TOKEN.finditer(mended):
        writer.write(mended[at : match.start()])
        writer.tag(match[2], closing=bool(match[1]), rest=match[3])
        at = match.end()
    writer.write(mended[at:])
    return writer.finish()


def too_deep(source: str) -> bool:
    """Whether more elements are open at once than people's mail programs ever leave open."""
    depth = 0
    for match in _BEGUN.finditer(source):
        if match[2].lower() not in _CLOSED_BY_OTHERS:
            depth = max(0, depth + (-1 if match[1] else 1))
            if depth > MAX_OPEN:
                return True
    return False


class _Writer:
    """Collects lines with their quoting depth; knows only what the last tags asked for."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.depth = 0
        self.blank = True
        self.pre = 0
        self.href = ""
        self.shown_from = 0
        self.open: list[tuple[str, str, int]] = []
        """Name, role and first line of each element that is open and told something."""
        self.cut = -1
        self.sure = True
        self.signed: list[tuple[int, int]] = []

    def write(self, chunk: str) -> None:
        if not chunk:
            return
        text = html.unescape(chunk)
        if self.pre:
            first, *others = text.split("\n")
            self._put(first)
            for other in others:
                self._break()
                self._put(other)
            return
        text = _SPACE.sub(" ", text)
        after_space = not self.line or self.line[-1].endswith(" ")
        self._put(text.lstrip(" ") if after_space else text)

    def tag(self, name: str, *, closing: bool, rest: str) -> None:
        if name not in _VOID:
            self._told(name, closing=closing, rest=rest)
        elif not closing and html_signs.role(name, rest) == html_signs.CUT:
            self._cut_here(sure=True)
        if name == "br":
            self._break()
        elif name == "hr":
            self._open_block(spaced=False)
            self._put(_RULE)
            self._break()
        elif name == "a":
            self._link(closing=closing, rest=rest)
        elif name == "li":
            self._open_block(spaced=False)
            if not closing:
                self._put("* ")
        elif name in {"td", "th"}:
            if self.line and not closing:
                self._put(" ")
        elif name in _BLOCKS:
            self._open_block(spaced=name in _SPACED)
            if name == "pre":
                self.pre = max(0, self.pre + (-1 if closing else 1))

    def finish(self) -> str:
        if self.line:
            self._break()
        if not self.sure:
            self._look_at_frame()
        self._sign()
        return "\n".join(self.lines).strip("\n") + "\n" if any(line.strip() for line in self.lines) else ""

    def _told(self, name: str, *, closing: bool, rest: str) -> None:
        """Keep the account of what stands inside what."""
        if not closing:
            role = html_signs.role(name, rest)
            if role in (html_signs.CUT, html_signs.FRAME):
                self._cut_here(sure=role == html_signs.CUT)
            if role in (html_signs.QUOTE, html_signs.INDENT):
                self._quote(opens=role == html_signs.QUOTE)
            elif role and role not in (html_signs.CUT, html_signs.FRAME):
                self._open_block(spaced=False)
            self.open.append((name, role, len(self.lines)))
            return
        if not self.open or self.open[-1][0] != name:
            return
        _, role, begin = self.open.pop()
        if role in (html_signs.QUOTE, html_signs.INDENT):
            self._quote_ends(closes=role == html_signs.QUOTE)
        elif role == html_signs.ATTRIBUTION:
            self._open_block(spaced=False)
            self._attribute(begin)
        elif role == html_signs.SIGNATURE:
            self._open_block(spaced=False)
            if len(self.signed) < MAX_SIGNED:
                self.signed.append((begin, len(self.lines)))

    def _cut_here(self, *, sure: bool) -> None:
        """All that follows is quoted; if it is not `sure`, only where a copied header begins."""
        if self.cut < 0:
            self._quote(opens=True)
            self.cut, self.sure = len(self.lines), sure
            last = next((at for at in range(len(self.lines) - 1, -1, -1) if self.lines[at].strip()), -1)
            if last >= 0 and self.lines[last] == _RULE:
                self.lines[last] = f"> {_RULE}"

    def _look_at_frame(self) -> None:
        """Letters have frames like Outlook's too: what stands in one is a header if its first line has a label."""
        first = next((line for line in self.lines[self.cut :] if line.strip("> ")), "")
        if not any(colon in first[:60] for colon in (":", "：")):
            self.lines[self.cut :] = [line.removeprefix(">").removeprefix(" ") for line in self.lines[self.cut :]]

    def _attribute(self, begin: int) -> None:
        """The line above a quote is quoted too; one that quotes.py knows by itself is left as it is."""
        heading = self.lines[begin:]
        words = " ".join(line.strip() for line in heading if line.strip())[:400]
        if not is_attribution(words, above_quote=True) and not any(is_forward_line(line) for line in heading):
            self.lines[begin:] = [f"> {line}".rstrip() if line.strip() else line for line in heading]

    def _sign(self) -> None:
        """A delimiter above each signature, but for one that more text follows: that would be taken for a part of it."""
        for begin, end in reversed(self.signed):
            held = [line for line in self.lines[begin:end] if line.strip()]
            begin = next((at for at in range(begin, end) if self.lines[at].strip()), begin)
            below = next((line for line in self.lines[end:] if line.strip()), ">")
            if held and not held[0].startswith((">", "--")) and below.startswith((">", "--")):
                self.lines.insert(begin, "-- ")

    def _quote(self, *, opens: bool) -> None:
        self._open_block(spaced=True)
        self.depth += opens

    def _quote_ends(self, *, closes: bool) -> None:
        self._open_block(spaced=False)
        self.depth = max(0, self.depth - closes)
        # The empty line after a quote belongs to what follows, or the next line would seem quoted too.
        if self.lines and self.blank:
            self.lines[-1] = self._mark().rstrip()
        else:
            self._open_block(spaced=True)

    def _link(self, *, closing: bool, rest: str) -> None:
        if not closing:
            found = _HREF.search(rest)
            self.href = html.unescape(found[1]) if found else ""
            self.shown_from = len(self.line)
            return
        shown = "".join(self.line[self.shown_from :]).strip()
        target = self.href.removeprefix("mailto:")
        if shown and target.startswith(("http://", "https://")) and shown.rstrip("/") not in target:
            self._put(f" <{target}>")
        self.href = ""

    def _put(self, text: str) -> None:
        if text:
            self.line.append(text)

    def _break(self) -> None:
        content = "".join(self.line).rstrip()
        self.line = []
        self.shown_from = 0
        mark = self._mark()
        if not content:
            # One empty line says as much as five.
            if not self.blank:
                self.lines.append(mark.rstrip())
            self.blank = True
            return
        self.lines.append(mark + content)
        self.blank = False

    def _open_block(self, *, spaced: bool) -> None:
        if self.line:
            self._break()
        if spaced and not self.blank:
            self.lines.append(self._mark().rstrip())
            self.blank = True

    def _mark(self) -> str:
        # A frame that was open before the rest became a quote may be closed within it.
        return "> " * min(max(self.depth, int(self.cut >= 0)), MAX_QUOTE_DEPTH)
