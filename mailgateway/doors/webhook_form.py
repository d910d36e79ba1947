"""Reads a form that a provider posts, octet for octet: Django would decode a raw mail in a field and change what its signatures stand on.

Knows RFC 7578 and no provider.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters

MOST = 2000
"""Parts of one form."""


class BadForm(ValueError):
    """This is no form; the text says why."""


@dataclass(slots=True)
class Form:
    """The last value of each field, and the files."""

    fields: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, SimpleUploadedFile] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.fields.get(name, b"").decode("utf-8", "replace")


def read(content_type: str, body: bytes) -> Form:
    """Raises BadForm."""
    kind, options = parse_header_parameters(content_type)
    if kind == "application/x-www-form-urlencoded":
        return _plain(body)
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not 0 < len(boundary) <= 200 or not boundary.isascii():
        raise BadForm("It is neither a form with parts nor one in a line.")
    return _parts(b"\r\n--" + boundary.encode(), b"\r\n" + body)


def give(request: HttpRequest, form: Form) -> None:
    """Put the form where Django's own would stand, for code that reads `request.POST` and `request.FILES`."""
    post = QueryDict(mutable=True)
    for name in form.fields:
        post[name] = form.text(name)
    request._post = post  # type: ignore[attr-defined]  # Django reads the form into these two
    request._files = MultiValueDict({name: [file] for name, file in form.files.items()})  # type: ignore[attr-defined]  # as above


def _plain(body: bytes) -> Form:
    pairs = body.split(b"&", MOST)
    if len(pairs) > MOST:
        raise BadForm("It has too many fields.")
    form = Form()
    for pair in pairs:
        name, _, value = pair.replace(b"+", b" ").partition(b"=")
        form.fields[unquote_to_bytes(name).decode("utf-8", "replace")] = unquote_to_bytes(value)
    return form


def _parts(delimiter: bytes, body: bytes) -> Form:
    pieces = body.split(delimiter, MOST)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise BadForm("It has too many parts, or its end is missing.")
    form = Form()
    for piece in pieces[1:-1]:
        head, _, content = piece.partition(b"\r\n\r\n")
        name, file_name, media_type = _names(head)
        if file_name is None:
            form.fields[name] = content
        else:
            form.files[name] = SimpleUploadedFile(file_name or "file", content, media_type)
    return form


def _names(head: bytes) -> tuple[str, str | None, str]:
    """Name of the field, name of the file if it is one, media type."""
    name, file_name, media_type = "", None, "application/octet-stream"
    for line in head.decode("utf-8", "replace").split("\r\n"):
        header, _, value = line.partition(":")
        if header.strip().lower() == "content-disposition":
            _, options = parse_header_parameters(value.strip())
            name, file_name = options.get("name", ""), options.get("filename")
        elif header.strip().lower() == "content-type":
            media_type = value.strip()
    return name, file_name, media_type
