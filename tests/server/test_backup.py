"""A backup is taken while the server writes; what was erased since stays erased after the restore, and nothing is served before that."""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

from chat.actions import ending
from chat.events.talk import MessageSaid
from chat.ledger import blobs
from chat.ledger.event import AttachmentRef
from chat.ledger.keeping import DAY
from server import backup
from tests.chat.nadia import PHOTO, NadiasCase
from tests.services import RunningServer

SECRET = "a root secret of Brindle Lamps, long enough"
Servers = Callable[..., RunningServer]


@pytest.fixture
def nadias(database: str, server_factory: Servers, tmp_path: Path) -> Iterator[tuple[RunningServer, NadiasCase]]:
    """A server with Nadia's case and a photo in it, and the case for more; they share nothing but the time they were made."""
    case = NadiasCase().tell()
    photo = AttachmentRef(name="dent.jpg", media_type="image/jpeg", size=5, digest=blobs.store(b"photo"))
    case.add(MessageSaid(by="Nadia", text="Here is another photo.", attachments=(photo,)))
    server = server_factory(secret=SECRET)
    data = Path(str(server.settings["data"]))
    with closing(sqlite3.connect(database)) as source:
        (data / "throughline.sqlite3").unlink()
        source.execute("VACUUM INTO ?", (str(data / "throughline.sqlite3"),))
    target = data / "blobs" / photo.digest[:2] / photo.digest[2:4]
    target.mkdir(parents=True)
    (target / photo.digest).write_bytes(b"photo")
    yield server, case


def _other(server_factory: Servers, **settings: str) -> RunningServer:
    """A server with an empty data folder."""
    other = server_factory(**({"secret": SECRET} | settings))
    shutil.rmtree(str(other.settings["data"]))
    return other


def _data(server: RunningServer) -> Path:
    return Path(str(server.settings["data"]))


def test_what_is_saved_under_load_comes_back_whole_and_verified(
    nadias: tuple[RunningServer, NadiasCase], server_factory: Servers, tmp_path: Path
) -> None:
    server, _ = nadias
    server.start()
    file = tmp_path / "monday.tar"
    done = server.run("backup", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "root secret" in done.stdout
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert not [path for path in tmp_path.iterdir() if path != file]
    again = server.run("backup", str(file))
    assert again.returncode == 1
    assert "there already" in again.stdout
    other = _other(server_factory)
    asked = other.run("restore", str(file))
    assert asked.returncode == 1
    assert "--no-journal" in asked.stdout
    done = other.run("restore", str(file), "--no-journal")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 conversation verified" in done.stdout
    assert "another one" not in done.stdout
    assert b"photo" in [path.read_bytes() for path in _data(other).glob("blobs/??/??/*")]
    other.start()


def test_what_is_saved_while_lines_and_files_come_in_is_one_moment_with_all_its_files(
    database: str, server_factory: Servers, tmp_path: Path
) -> None:
    case = NadiasCase().tell()
    file, over = tmp_path / "monday.tar", threading.Event()

    def talk() -> None:
        for number in itertools.count():
            text = f"photo {number}".encode()
            photo = AttachmentRef(name="dent.jpg", media_type="image/jpeg", size=len(text), digest=blobs.store(text))
            case.add(MessageSaid(by="Nadia", text=f"Here is photo {number}.", attachments=(photo,)))
            if over.is_set():
                return

    talking = threading.Thread(target=talk)
    talking.start()
    try:
        time.sleep(0.2)
        manifest = backup.save(file, Console(quiet=True))
    finally:
        over.set()
        talking.join(30)
    assert manifest["missing"] == [PHOTO.digest], "only the one that never was a file"
    other = _other(server_factory)
    done = other.run("restore", str(file), "--no-journal")
    assert done.returncode == 0, done.stdout + done.stderr
    with closing(sqlite3.connect(_data(other) / "throughline.sqlite3")) as store:
        digests = [row[0] for row in store.execute("SELECT digest FROM chat_attachment WHERE position > 20")]
    assert digests
    assert all((_data(other) / "blobs" / d[:2] / d[2:4] / d).is_file() for d in digests)


def test_nothing_is_written_over_and_no_running_server_is_touched(
    nadias: tuple[RunningServer, NadiasCase], server_factory: Servers, tmp_path: Path
) -> None:
    server, _ = nadias
    file = tmp_path / "monday.tar"
    assert server.run("backup", str(file)).returncode == 0
    before = (_data(server) / "throughline.sqlite3").read_bytes()
    done = server.run("restore", str(file), "--no-journal")
    assert done.returncode == 1
    assert "nothing is written over" in done.stdout
    assert (_data(server) / "throughline.sqlite3").read_bytes() == before
    server.start()
    done = server.run("restore", "--check", "--no-journal")
    assert done.returncode == 1
    assert "holds" in done.stderr


def test_another_root_secret_is_noticed(nadias: tuple[RunningServer, NadiasCase], server_factory: Servers, tmp_path: Path) -> None:
    server, _ = nadias
    file = tmp_path / "monday.tar"
    server.run("backup", str(file))
    other = _other(server_factory, secret="another root secret of somebody else")
    done = other.run("restore", str(file), "--no-journal")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The root secret is another one" in done.stdout


@pytest.mark.parametrize("how", ["cut", "flipped", "stranger"])
def test_a_damaged_backup_is_refused_and_nothing_starts_on_it(
    nadias: tuple[RunningServer, NadiasCase], server_factory: Servers, tmp_path: Path, how: str
) -> None:
    server, _ = nadias
    file = tmp_path / "monday.tar"
    server.run("backup", str(file))
    if how == "cut":
        os.truncate(file, file.stat().st_size * 2 // 3)
    elif how == "flipped":
        with file.open("r+b") as handle:
            handle.seek(200_000)
            octet = handle.read(1)
            handle.seek(200_000)
            handle.write(bytes([octet[0] ^ 1]))
    else:
        with tarfile.open(file, "a") as archive:
            archive.add(__file__, "../outside.py")
    other = _other(server_factory)
    done = other.run("restore", str(file), "--no-journal")
    assert done.returncode == 1, done.stdout + done.stderr
    assert not (_data(other) / "throughline.sqlite3").exists()
    assert not (_data(other).parent / "outside.py").exists()
    refused = other.run("up", seconds=60)
    assert refused.returncode == 1
    assert "has not come to its end" in refused.stderr


def test_what_was_changed_in_the_backup_is_found_before_anything_is_served(
    nadias: tuple[RunningServer, NadiasCase], server_factory: Servers, tmp_path: Path
) -> None:
    server, _ = nadias
    with closing(sqlite3.connect(_data(server) / "throughline.sqlite3", isolation_level=None)) as store:
        store.execute("DROP TRIGGER chat_event_only_cross_out")
        store.execute("UPDATE chat_event SET body = replace(body, 'EUR 40', 'EUR 4') WHERE position = 5")
    file = tmp_path / "monday.tar"
    server.run("backup", str(file))
    other = _other(server_factory)
    done = other.run("restore", str(file), "--no-journal")
    assert done.returncode == 1
    assert "entry 5" in done.stdout
    assert other.run("up", seconds=60).returncode == 1


def test_what_was_erased_after_the_backup_stays_erased(
    nadias: tuple[RunningServer, NadiasCase], server_factory: Servers, tmp_path: Path, database: str, settings_journal: Path
) -> None:
    server, case = nadias
    file = tmp_path / "monday.tar"
    server.run("backup", str(file))
    now = time.time_ns() // 1000
    for when in (now + 150 * DAY, now + 200 * DAY):
        ending.run({case.site.pk: case.site}, now=when)
    assert settings_journal.is_file()
    other = _other(server_factory)
    done = other.run("restore", str(file), "--journal", str(settings_journal))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 conversation verified" in done.stdout
    assert "in 1 conversations" in done.stdout
    with closing(sqlite3.connect(_data(other) / "throughline.sqlite3")) as store:
        text = "\n".join(store.iterdump())
    for word in ("dent", "refund EUR 40", "RF-20261125-0093", "Her bank told us"):
        assert word not in text, word
    octets = (_data(other) / "throughline.sqlite3").read_bytes()
    assert b"RF-20261125-0093" not in octets
    kept = (_data(other) / "erasures.jsonl").read_text()
    assert settings_journal.read_text().splitlines()[0] in kept, "the next restore needs it, too"


@pytest.fixture
def settings_journal() -> Path:
    from django.conf import settings

    path = Path(settings.JOURNAL)
    path.unlink(missing_ok=True)
    return path
