"""`throughline backup FILE`: the SQLite database and the blob store in one file, while the server writes. Knows nothing of what is said.

The database first, the blobs after it: a blob is on disk before anything refers to it, so the later copy holds all that the earlier names.
The root secret and the journal of erasures are left out on purpose: the one opens everything, the other must survive what is restored.
"""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import connection
from rich.console import Console
from rich.filesize import decimal
from rich.progress import Progress, SpinnerColumn, TextColumn

from chat.ledger import blobs
from chat.people.keys import keys_for

FORMAT, VERSION = "throughline-backup", 1
DATABASE, MANIFEST, BLOBS = "throughline.sqlite3", "manifest.json", "blobs"
_REFERRING = (
    "SELECT digest FROM chat_attachment UNION SELECT digest FROM chat_received WHERE raw IS NULL AND state <> 'dropped' "
    "UNION SELECT digest FROM chat_upload"
)


class CannotSave(Exception):
    """The sentence says why, and what to do."""


def report(file: Path) -> int:
    """Save everything into `file`, which must not be there yet. Returns the exit status."""
    out = Console(highlight=False)
    try:
        manifest = save(file, out)
    except CannotSave as problem:
        out.print(str(problem), soft_wrap=True)
        return 1
    except OSError as problem:
        out.print(f"It cannot be written: {problem.strerror}. Nothing was saved.")
        return 1
    size = decimal(file.stat().st_size)
    out.print(f"Saved the database and {manifest['blobs']} files of the blob store as they stood: {file}, {size}.", soft_wrap=True)
    if manifest["missing"]:
        out.print(f"{len(manifest['missing'])} files that the database names were not in the blob store.", soft_wrap=True)
    out.print("Keep apart from it, each in another place: the root secret (THROUGHLINE_SECRET, or `secret` in the data folder), without")
    out.print(f"which links and reply addresses are dead, and the journal of erasures ({settings.JOURNAL}), which a restore asks for.")
    if not Path(settings.JOURNAL).exists():
        out.print("The journal begins with the first erasure. As long as there was none, a restore is told so by --no-journal.")
    return 0


def save(file: Path, out: Console) -> dict[str, Any]:
    """Write the file and return its manifest. Raises CannotSave or OSError; then there is no file."""
    if connection.vendor != "sqlite":
        raise CannotSave("This saves SQLite. For PostgreSQL use pg_dump or pg_basebackup, then copy the blob store: docs/operations.md.")
    if file.exists():
        raise CannotSave(f"{file} is there already. Choose another name: a backup is never written over.")
    part, copy = file.with_name(f".{file.name}.part"), file.with_name(f".{file.name}.database")
    try:
        _copied(copy)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            manifest = _written(target, copy, out)
            target.flush()
            os.fsync(target.fileno())
        os.rename(part, file)
        blobs.sync(file.parent)
    finally:
        for path in (part, copy):
            path.unlink(missing_ok=True)
    return manifest


def fingerprints() -> dict[str, str]:
    """The root secrets by id, so that a restore knows whether it has the same ones; nothing follows from them."""
    return {str(number): hashlib.sha256(key).hexdigest()[:16] for number, key in keys_for("backup").items()}


def _copied(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    with closing(sqlite3.connect(str(connection.settings_dict["NAME"]), timeout=30)) as source, closing(sqlite3.connect(path)) as target:
        # All pages in one step: in the write-ahead log's mode that is one moment, and whoever writes goes on.
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
        found = target.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise CannotSave(f"The database is damaged, so this would be no backup: {found}. Restore an earlier one.")


def _written(target: io.BufferedWriter, copy: Path, out: Console) -> dict[str, Any]:
    with closing(sqlite3.connect(copy)) as database:
        missing = {row[0] for row in database.execute(_REFERRING)}
        migration = database.execute("SELECT name FROM django_migrations WHERE app = 'chat' ORDER BY id DESC LIMIT 1").fetchone()[0]
    count = 0
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with (
        tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT) as archive,
        Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as shown,
    ):
        task = shown.add_task("Saving the database")
        digest = _sha256(copy)
        archive.add(copy, DATABASE, filter=_plain)
        for path in _blobs():
            with suppress(FileNotFoundError):  # crossed out since the database was copied
                archive.add(path, f"{BLOBS}/{path.relative_to(settings.BLOBS)}", filter=_plain)
                missing.discard(path.name)
                count += 1
                shown.update(task, description=f"Saving files: {count}")
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "made_at": int(time.time()),
            "database": {"size": copy.stat().st_size, "sha256": digest, "migration": migration},
            "blobs": count,
            "missing": sorted(missing),
            "secrets": fingerprints(),
        }
        text = orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
        info = tarfile.TarInfo(MANIFEST)
        info.size = len(text)
        archive.addfile(_plain(info), io.BytesIO(text))
    return manifest


def _blobs() -> Iterator[Path]:
    """Whole files only: not those on their way in or out."""
    yield from (path for path in sorted(Path(settings.BLOBS).glob("??/??/*")) if len(path.name) == 64 and path.is_file())


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o600
    return info


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
