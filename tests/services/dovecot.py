"""A Dovecot of its own: one mailbox per person over IMAP, with a password or with tokens that a server of the test's own vouches for.

It runs from folders of its own and listens on 127.0.0.1 only. Mails are put in and looked at as files, as a delivery agent would.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from tests.services.ports import Unavailable, free_port, program, stop, wait_for_port

PASSWORD = "open-sesame"
CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
mail_location = maildir:{maildirs}/%u
mail_uid = {owner}
mail_gid = {group}
first_valid_uid = 1
first_valid_gid = 1
auth_verbose = yes
mailbox_idle_check_interval = 1s
{capability}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Done {{
    auto = create
  }}
}}
passdb {{
  driver = static
  args = password={password}
  mechanisms = plain login
}}
{tokens}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={folder}/home/%u allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
"""
TOKENS = """\
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/tokens.conf
}}
"""
CHECKED = """\
introspection_url = {url}
introspection_mode = post
username_attribute = username
active_attribute = active
active_value = true
"""
OWNER, GROUP = "nobody", "nogroup"


class Dovecot:
    """`port` speaks IMAP in the clear, with STARTTLS if there is a certificate; then `tls_port` speaks it encrypted.

    `capability` replaces what the server says it can. `vouching` is the address that knows tokens; `maildirs` those of a Postfix,
    whose user then looks into them.
    """

    def __init__(
        self,
        folder: Path,
        *,
        certificate: tuple[Path, Path] | None = None,
        vouching: str = "",
        capability: str = "",
        maildirs: Path | None = None,
    ) -> None:
        if os.getuid() != 0:
            raise Unavailable("Dovecot can only be started by root: run the tests about mailboxes elsewhere as root.")
        self._program = program("dovecot", "dovecot-imapd")
        self.folder, self.port, self.tls_port = folder, free_port(), free_port() if certificate else 0
        for name in ("run", "state", "mail", "home"):
            (folder / name).mkdir(parents=True)
        folder.chmod(0o755)
        for name in ("mail", "home"):
            shutil.chown(folder / name, OWNER)
        ssl = f"yes\nssl_cert = <{certificate[0]}\nssl_key = <{certificate[1]}" if certificate else "no"
        self._maildirs = maildirs or folder / "mail"
        self._owner, self._group = ("postfix", "postfix") if maildirs else (OWNER, GROUP)
        values = {"folder": folder, "maildirs": self._maildirs, "owner": self._owner, "group": self._group, "password": PASSWORD}
        values |= {"port": self.port, "tls_port": self.tls_port, "ssl": ssl}
        can = f"imap_capability = {capability}" if capability else ""
        tokens = TOKENS.format(folder=folder) if vouching else ""
        (folder / "tokens.conf").write_text(CHECKED.format(url=vouching))
        (folder / "dovecot.conf").write_text(CONFIG.format(tokens=tokens, capability=can, **values))
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen([self._program, "-F", "-c", str(self.folder / "dovecot.conf")], stdin=subprocess.DEVNULL)
        wait_for_port(self.port, process=self._process, log=self.folder / "dovecot.log")

    def stop(self) -> None:
        if self._process is not None:
            stop(self._process)
            self._process = None

    def put(self, user: str, raw: bytes, *, folder: str = "", came: float | None = None) -> Path:
        """Deliver a mail; gives its file."""
        box = self._box(user, folder)
        for name in ("new", "cur", "tmp"):
            (box / name).mkdir(parents=True, exist_ok=True)
        for path in [box, *box.parents]:
            if path == self._maildirs:
                break
            shutil.chown(path, OWNER, GROUP)
        for name in ("new", "cur", "tmp"):
            shutil.chown(box / name, OWNER, GROUP)
        beside = box / "tmp" / f"{time.time_ns()}.M{os.getpid()}.test"
        beside.write_bytes(raw)
        shutil.chown(beside, OWNER, GROUP)
        if came is not None:
            os.utime(beside, (came, came))
        return beside.rename(box / "new" / beside.name)

    def files(self, user: str, folder: str = "") -> list[Path]:
        box = self._box(user, folder)
        return sorted(path for name in ("new", "cur") for path in (box / name).glob("*"))

    def number_anew(self, user: str, folder: str = "") -> None:
        """Forget which mail has which number, as a server does that was put back from a backup."""
        self.cut()
        box = self._box(user, folder)
        for path in [*box.glob("dovecot-uidlist*"), *box.glob("dovecot.index*")]:
            path.unlink()
        # UIDVALIDITY is the second in which the list is made.
        time.sleep(1.1)

    def cut(self) -> None:
        """End every session as a machine does whose power fails."""
        for pid in _children(self._process.pid if self._process else 0, "imap"):
            os.kill(pid, signal.SIGKILL)

    def sessions(self) -> int:
        return len(_children(self._process.pid if self._process else 0, "imap"))

    def log(self) -> str:
        path = self.folder / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _box(self, user: str, folder: str) -> Path:
        box = self._maildirs / user
        return box / f".{folder}" if folder else box


def _children(master: int, name: str) -> list[int]:
    """Processes of this name that the master started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, rest = path.read_text().rpartition(")")
        except OSError:
            continue  # it has just ended
        if head.partition("(")[2] == name and int(rest.split()[1]) == master:
            found.append(int(path.parent.name))
    return found
