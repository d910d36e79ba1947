"""A Postfix of its own: mail for the gateway's domain goes to the gateway, mail for customer.example lands in a maildir.

It runs from folders of its own, listens on 127.0.0.1 only and can reach nothing else, so no test mail ever leaves the machine.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from tests.services.ports import Unavailable, free_port, program, wait_for_port

CUSTOMERS = "customer.example"
PEOPLE = ("nadia", "paul", "lea", "omar")

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}/log
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.customer.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
local_recipient_maps =
alias_maps =
alias_database =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = none
smtp_tls_security_level = none
smtputf8_enable = yes
recipient_delimiter = +
message_size_limit = 52428800
mailbox_size_limit = 0
virtual_mailbox_limit = 0
virtual_mailbox_domains = {customers}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/etc/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
transport_maps = inline:{{ {{ {domain} = smtp:[127.0.0.1]:{gateway} }} }}
default_transport = error:5.4.4 this mail exchanger reaches nothing outside the tests
disable_dns_lookups = yes
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
smtp_destination_concurrency_limit = 5
in_flow_delay = 0s
"""


class Postfix:
    """`port` takes mail from anybody on this machine; `gateway_port` is where mail for `domain` is handed on to.

    `recipe` is more of main.cf and wins. `mailboxes` are the people at customer.example; what stands behind a "+" in their addresses
    does not matter.
    """

    def __init__(
        self, folder: Path, *, gateway_port: int = 0, domain: str = "support.example", recipe: str = "", mailboxes: Sequence[str] = PEOPLE
    ) -> None:
        if os.getuid() != 0:
            raise Unavailable("Postfix can only be started by root: run the tests about real mail servers as root.")
        self._postfix = program("postfix", "postfix")
        self.folder, self.domain, self.port = folder, domain, free_port()
        self.maildirs = folder / "mail" / CUSTOMERS
        owner = pwd.getpwnam("postfix")
        for name in ("etc", "queue", "data", "mail", "log"):
            (folder / name).mkdir(parents=True)
        folder.chmod(0o755)  # Postfix's processes run as several users
        for name in ("data", "mail"):
            shutil.chown(folder / name, owner.pw_uid, owner.pw_gid)
        lines = [f"{user}@{CUSTOMERS} {CUSTOMERS}/{user}/\n" for user in mailboxes]
        (folder / "etc/mailboxes").write_text("".join(lines))
        (folder / "etc/master.cf").write_text(MASTER.format(port=self.port))
        values = {"folder": folder, "customers": CUSTOMERS, "uid": owner.pw_uid, "gid": owner.pw_gid, "domain": domain}
        (folder / "etc/main.cf").write_text(MAIN.format(gateway=gateway_port, **values) + recipe)
        self._say("start")
        wait_for_port(self.port, log=folder / "log/mail.log")

    def mails(self, user: str) -> list[EmailMessage]:
        """What lies in the maildir of `user`@customer.example, oldest first."""
        files = sorted((self.maildirs / user / "new").glob("*"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        return [BytesParser(EmailMessage, policy=policy.default).parsebytes(path.read_bytes()) for path in files]

    def wait_for_mail(self, user: str, *, count: int = 1, seconds: float = 30) -> list[EmailMessage]:
        """The mails of `user` once there are `count`; fails with the end of Postfix's log if they do not come."""
        until = time.monotonic() + seconds
        while len(mails := self.mails(user)) < count:
            assert time.monotonic() < until, f"{len(mails)} of {count} mails reached {user}. Postfix says:\n{self.log()[-4000:]}"
            time.sleep(0.05)
        return mails

    def empty(self, user: str) -> None:
        shutil.rmtree(self.maildirs / user, ignore_errors=True)

    def log(self) -> str:
        path = self.folder / "log/mail.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self) -> None:
        pid = int((self.folder / "queue/pid/master.pid").read_text())
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + 10
        while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
            time.sleep(0.02)

    def _say(self, command: str) -> None:
        done = subprocess.run([self._postfix, "-c", str(self.folder / "etc"), command], capture_output=True, text=True)
        if done.returncode:
            raise Unavailable(f"Postfix refused to {command}: {done.stdout}{done.stderr}{self.log()}")
