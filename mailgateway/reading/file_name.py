"""Names of files in mails: fit to show and to store, made up where there is none. Knows no parts."""

from __future__ import annotations

import mimetypes
import re

from mailgateway import charset

MAX_NAME = 120

_PATH = re.compile(r"[\\/]")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]')
_MADE_UP = {
    "application/ms-tnef": "winmail.dat",
    "application/vnd.ms-tnef": "winmail.dat",
    "application/pgp-signature": "signature.asc",
    "application/pgp-encrypted": "version.asc",
    "application/pgp-keys": "key.asc",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
}
_EXTENSIONS = {
    "text/plain": "txt",
    "text/html": "html",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/enriched": "txt",
    "text/rtf": "rtf",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "text/rfc822-headers": "txt",
    "image/jpeg": "jpg",
    "image/jpg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/bmp": "bmp",
    "image/tiff": "tif",
    "image/svg+xml": "svg",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "message/rfc822": "eml",
    "message/global": "eml",
    "message/partial": "eml",
    "message/x-too-deep": "eml",
    "message/delivery-status": "txt",
    "message/disposition-notification": "txt",
    "message/feedback-report": "txt",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "video/mp4": "mp4",
}


def safe_name(name: str, media_type: str, number: int) -> str:
    """A file name fit to show and to store: no path, no control or direction character, bounded; made up when there is none."""
    name = _UNSAFE.sub("", _PATH.split(charset.clean(name))[-1]).strip(" .")
    if not name:
        return _MADE_UP.get(media_type) or f"attachment-{number}.{_EXTENSIONS.get(media_type, 'bin')}"
    if len(name) > MAX_NAME:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[: MAX_NAME - 1 - len(ending)]}.{ending}" if dot and len(ending) <= 10 else name[:MAX_NAME]
    return name


def media_type_of(name: str) -> str:
    """What a file's name says about its type."""
    guessed, encoding = mimetypes.guess_type(name, strict=True)
    return guessed if guessed and not encoding else "application/octet-stream"
