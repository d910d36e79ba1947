"""A mail's own HTML as a page for a closed frame: clean, with its pictures, quotes and signatures folded, links saying where they go.

Pure; runs in the subprocess of mail_page_worker.py, for a stranger's markup is mended nowhere else.
"""

from __future__ import annotations

import base64
import html
from urllib.parse import unquote, urlsplit

import nh3

from mailgateway import quotes
from mailgateway.quoting import html_text
from mailgateway.quoting.mail_folds import folded
from mailgateway.quoting.word_list import words
from mailgateway.reading.parsed import ParsedMail

MAX_PICTURE = 3 * 1024 * 1024
MAX_PICTURES = 8 * 1024 * 1024
"""Octets of pictures that stand in the page itself, each and together, counted at every place."""
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}

_TAGS = set(
    words("""
        a | abbr | address | article | b | bdi | bdo | big | blockquote | br | caption | center | cite | code | col | colgroup | dd |
        del | div | dl | dt | em | figcaption | figure | font | footer | h1 | h2 | h3 | h4 | h5 | h6 | header | hr | i | img | ins |
        kbd | li | main | mark | ol | p | pre | q | s | samp | section | small | span | strike | strong | sub | sup | table | tbody |
        td | tfoot | th | thead | time | tr | tt | u | ul | var
    """)
)
_WITH_ALL = {"script", "style", "title", "template", "svg", "math", "object", "iframe", "textarea", "select", "noscript"}
_ATTRIBUTES = {
    "*": {"style", "class", "id", "name", "dir", "lang", "align", "valign", "width", "height", "bgcolor", "color", "type", "data-marker"},
    "a": {"href"},
    "img": {"src", "alt", "border", "hspace", "vspace"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan", "nowrap"},
    "th": {"colspan", "rowspan", "nowrap"},
    "font": {"face", "size"},
    "ol": {"start"},
    "col": {"span"},
    "blockquote": {"cite"},
}
# What sets letters, colours and boxes; nothing that leaves its place, and nothing that could load.
_STYLES = set(
    words("""
        color | background-color | font | font-family | font-size | font-style | font-weight | font-variant | line-height |
        letter-spacing | text-align | text-decoration | text-transform | text-indent | white-space | word-break | overflow-wrap |
        direction | vertical-align | margin | margin-top | margin-right | margin-bottom | margin-left | padding | padding-top |
        padding-right | padding-bottom | padding-left | border | border-top | border-right | border-bottom | border-left |
        border-color | border-style | border-width | border-collapse | border-spacing | border-radius | width | height | max-width |
        min-width | max-height | display | float | clear | list-style-type
    """)
)
_PAGE = """<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer"><title>Mail</title><style>
html{{color-scheme:light;background:#fff;color:#1b1b1b}}
body{{margin:0;padding:14px 16px 24px;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}}
img{{max-width:100%;height:auto}}
img:not([src]){{outline:1px dashed #b9b9b9;color:#5c5c5c;font-size:12px}}
table{{max-width:100%}}
pre,.tl-text{{white-space:pre-wrap}}
.tl-note{{margin:0 0 14px;padding:8px 12px;border-radius:8px;background:#f1f1ee;color:#45453f;font:13px/1.4 system-ui,sans-serif}}
.tl-host{{color:#5c5c5c;font-size:12px;text-decoration:none}}
details.tl-fold{{margin:12px 0;border-inline-start:3px solid #dcdcd6;padding-inline-start:10px}}
details.tl-fold>summary{{cursor:pointer;color:#4d4d47;font:13px/1.6 system-ui,sans-serif}}
</style></head><body>{note}<div>{body}</div></body></html>"""
_FOLDS = {quotes.QUOTED: "Quoted mail", quotes.SIGNATURE: "Signature"}


def page(mail: ParsedMail, *, pictures: bool) -> str:
    """The whole page; `pictures`: those from elsewhere too, which tells their server that the mail is being read."""
    cleaner = _Cleaner(mail, pictures=pictures)
    body = _text(mail.text) if not mail.html or html_text.too_deep(mail.html) else folded(cleaner.clean(mail.html))
    return _PAGE.format(note=_note(cleaner.left_out), body=body)


def _text(text: str) -> str:
    """A mail that came as text alone: the same pieces as in the thread."""
    pieces = quotes.split(text).pieces
    hidden = all(piece.kind in _FOLDS for piece in pieces if piece.text.strip())
    return "".join(_piece(piece, opened=hidden) for piece in pieces if piece.text.strip())


def _piece(piece: quotes.Piece, *, opened: bool) -> str:
    inner = f'<div class="tl-text" dir="auto">{html.escape(piece.text)}</div>'
    if piece.kind not in _FOLDS:
        return inner
    return f'<details class="tl-fold"{" open" if opened else ""}><summary>{_FOLDS[piece.kind]}</summary>{inner}</details>'


def _note(left_out: int) -> str:
    if not left_out:
        return ""
    what = "A picture that lies elsewhere is" if left_out == 1 else f"{left_out} pictures that lie elsewhere are"
    return f'<p class="tl-note">{what} not shown: loading it would tell the sender that this mail was read.</p>'


class _Cleaner:
    """Cleans the HTML of one mail; counts the pictures that it leaves out."""

    def __init__(self, mail: ParsedMail, *, pictures: bool) -> None:
        self._files = {file.content_id: file for file in mail.attachments if file.content_id and file.media_type in PICTURES}
        self._pictures = pictures
        self._left = MAX_PICTURES
        self._made: dict[str, str] = {}
        self.left_out = 0

    def clean(self, source: str) -> str:
        return nh3.clean(
            source[: html_text.MAX_HTML],
            tags=_TAGS,
            clean_content_tags=_WITH_ALL,
            attributes=_ATTRIBUTES,
            attribute_filter=self._attribute,
            filter_style_properties=_STYLES,
            url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
            link_rel="noopener noreferrer nofollow",
            set_tag_attribute_values={"a": {"target": "_blank"}},
        )

    def _attribute(self, tag: str, name: str, value: str) -> str | None:
        if name == "src":
            return self._picture(value.strip())
        if name == "href":
            return value if value.strip().lower().startswith(("http://", "https://", "mailto:", "tel:")) else None
        if name == "style" and ("url" in value.lower() or "\\" in value or "@" in value):
            return None
        return value

    def _picture(self, address: str) -> str | None:
        scheme, _, rest = address.partition(":")
        match scheme.lower():
            case "cid":
                return self._own(unquote(rest).strip("<> "))
            case "data":
                return self._written(rest)
            case "http" | "https" if urlsplit(address).hostname:
                self.left_out += not self._pictures
                return address if self._pictures else None
        return None

    def _own(self, content_id: str) -> str | None:
        """A picture that came with the mail."""
        file = self._files.get(content_id)
        # It stands in the page once for each place that names it, and counts as often.
        if file is None or len(file.content) > min(MAX_PICTURE, self._left):
            return None
        self._left -= len(file.content)
        if content_id not in self._made:
            self._made[content_id] = f"data:{file.media_type};base64,{base64.b64encode(file.content).decode()}"
        return self._made[content_id]

    def _written(self, rest: str) -> str | None:
        """A picture that stands in the HTML itself."""
        known = rest.partition(";")[0].strip().lower() in PICTURES and ";base64," in rest[:60]
        if not known or len(rest) > min(MAX_PICTURE, self._left):
            return None
        self._left -= len(rest)
        return f"data:{rest}"
