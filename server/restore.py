"""`throughline restore FILE`: put a backup into an empty data folder, take out again what was erased since, verify every chain, then serve.

Until all of that is done a mark in the data folder keeps any server from starting. Knows nothing of what is said.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import orjson
from django.conf import settings
from django.db import connection
from rich.console import Console

from server import backup, process
from server.backup import BLOBS, DATABASE, FORMAT, MANIFEST, VERSION

_BLOB = re.compile(rf"{BLOBS}/([0-9a-f]{{2}})/([0-9a-f]{{2}})/([0-9a-f]{{64}})\Z")
_CHUNK = 1024 * 1024


class CannotRestore(Exception):
    """The sentence says why, and what to do."""


def report(file: Path | None, *, journals: Sequence[Path] = (), no_journal: bool = False) -> int:
    """Restore `file`; without one only take out what was erased and verify, for a store that was put back by other means."""
    out = Console(highlight=False)
    try:
        paths = _journals(journals, none=no_journal)
        with process.alone(restoring=True):
            manifest = _put_back(file, out) if file is not None else _already_there()
            sound = _made_sound(out, paths)
    except CannotRestore as problem:
        out.print(str(problem), soft_wrap=True)
        return 1
    except OSError as problem:
        out.print(f"It cannot be restored: {problem}.", soft_wrap=True)
        return 1
    if not sound:
        out.print(f"No server starts on it. To serve it all the same, remove {process.mark()}.", soft_wrap=True)
        return 1
    if manifest.get("missing"):
        out.print(f"{len(manifest['missing'])} files were missing when the backup was made; transcripts say so where they would stand.")
    if manifest and not set(manifest.get("secrets", {}).items()) & set(backup.fingerprints().items()):
        out.print(
            "The root secret is another one than when the backup was made: put back THROUGHLINE_SECRET, or `secret` in the data folder,"
        )
        out.print("before you start. Without it all links and reply addresses made so far are dead.")
    out.print("Ready. Start it with: throughline up" if connection.vendor == "sqlite" else "Ready.")
    return 0


def _journals(asked: Sequence[Path], *, none: bool) -> list[Path]:
    """The journals of erasures to take from: those named, and this server's own."""
    own = Path(settings.JOURNAL)
    for path in asked:
        if not path.is_file():
            raise CannotRestore(f"There is no journal {path}.")
    found = [*asked, *([own] if own.is_file() else [])]
    if not found and not none:
        raise CannotRestore(
            f"There is no journal of erasures at {own}. What was erased since the backup was made would be back. "
            "Name the journal of the server that was saved with --journal, or say --no-journal if nothing was ever erased there."
        )
    return list(dict.fromkeys(path.resolve() for path in found))


def _put_back(file: Path, out: Console) -> dict[str, Any]:
    database = Path(str(connection.settings_dict["NAME"]))
    if connection.vendor != "sqlite":
        raise CannotRestore(
            "This restores SQLite. For PostgreSQL use pg_restore and copy the blob store, then say: throughline restore --check."
        )
    if database.exists() and not process.mark().exists():
        raise CannotRestore(f"{database} is there already, and nothing is written over. Choose an empty folder with THROUGHLINE_DATA.")
    if not file.is_file():
        raise CannotRestore(f"There is no file {file}.")
    process.mark().touch()
    for name in ("", "-wal", "-shm"):
        database.with_name(database.name + name).unlink(missing_ok=True)
    out.print(f"Restoring {file} into {settings.DATA}.", soft_wrap=True)
    part = database.with_name(f"{database.name}.restoring")
    try:
        manifest = _unpacked(file, part)
        os.rename(part, database)
    except (tarfile.TarError, EOFError) as problem:
        raise CannotRestore(f"{file} is no whole backup: {problem}.") from problem
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _already_there() -> dict[str, Any]:
    database = Path(str(connection.settings_dict["NAME"]))
    if connection.vendor == "sqlite" and not database.exists():
        raise CannotRestore(f"There is no database in {settings.DATA}.")
    return {}


def _unpacked(file: Path, database: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = {}
    digest = ""
    blobs = 0
    with tarfile.open(file, mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            blob = _BLOB.match(member.name)
            if content is None:
                raise CannotRestore(f"{file} holds {member.name!r}, which no backup of ours does.")
            if member.name == DATABASE and not digest:
                digest = _kept(content, database)
            elif member.name == MANIFEST:
                manifest = _read(content.read(64 * 1024 * 1024), file)
            elif blob and blob[3].startswith(blob[1] + blob[2]):
                blobs += 1
                _keep_blob(content, blob[3])
            else:
                raise CannotRestore(f"{file} holds {member.name!r}, which no backup of ours does.")
    if not manifest:
        raise CannotRestore(f"{file} is not whole: its list of contents, which comes last, is missing.")
    if digest != manifest["database"]["sha256"] or blobs != manifest["blobs"]:
        raise CannotRestore(f"{file} is damaged: what it holds is not what it lists.")
    return manifest


def _read(text: bytes, file: Path) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
        known = found["format"] == FORMAT and found["version"] == VERSION and found["database"]["sha256"] and found["blobs"] >= 0
    except (orjson.JSONDecodeError, KeyError, TypeError):
        known = False
    if not known:
        raise CannotRestore(f"{file} is no backup that this version reads.")
    return dict(found)


def _keep_blob(content: IO[bytes], name: str) -> None:
    path = Path(settings.BLOBS) / name[:2] / name[2:4] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{name}.restoring")
    if _kept(content, part) != name:
        part.unlink()
        raise CannotRestore(f"The file {name} in the backup is damaged.")
    os.rename(part, path)


def _kept(content: IO[bytes], path: Path) -> str:
    """Write it to disk; returns its SHA-256 in hex."""
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _made_sound(out: Console, journals: Sequence[Path]) -> bool:
    """Migrated, without what was erased, and verified: then any server may start on it."""
    from chat.ledger import renumber, replay, writer
    from server import first_start, verify_chains

    process.mark().touch()
    first_start.migrate()
    if moved := renumber.renumber():
        out.print(f"This is another cluster: {moved} events got a place in its feed, and the search is made anew.")
    again = replay.replay(journals)
    out.print(f"Erased again: content of {again.entries} entries in {again.records} conversations, {again.persons} persons.")
    _remember(journals)
    writer.stop_writer()
    if verify_chains.report() != 0:
        return False
    process.mark().unlink(missing_ok=True)
    return True


def _remember(journals: Sequence[Path]) -> None:
    """The next restore needs these lines too, and finds them in this server's own journal."""
    own = Path(settings.JOURNAL)
    for path in journals:
        if path != own.resolve():
            with path.open("rb") as source, own.open("ab") as target:
                shutil.copyfileobj(source, target)
                target.flush()
                os.fsync(target.fileno())
