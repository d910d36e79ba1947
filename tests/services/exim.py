"""An Exim of its own in front: takes mail from this machine and hands what is for the gateway's domain on by LMTP, asking about each
recipient first. Knows no gateway but its port.

Debian's Exim and Postfix may not be installed together, so its program lies beside, unpacked (see .ci/debian). It is built to run as a user
of its own, of whom libnss-wrapper tells it without making one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.services.ports import Unavailable, free_port, stop, wait_for_port

PROGRAM = Path("/usr/local/lib/throughline-exim/usr/sbin/exim4")
NAMES = Path("/usr/lib/x86_64-linux-gnu/libnss_wrapper.so")
USER = "Debian-exim:x:{uid}:{gid}::/:/usr/sbin/nologin\n"
OWN = 64_300
"""A user and a group that nobody has."""

CONFIGURATION = """\
exim_path = {program}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
primary_hostname = mx.customer.example
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
deliver_drop_privilege = true
disable_ipv6 = true
keep_environment =
tls_advertise_hosts =
host_lookup =
rfc1413_hosts =
message_size_limit = 50M
acl_smtp_rcpt = check_recipient
acl_smtp_data = accept
{recipe}
"""


class Exim:
    """`port` takes mail from anybody on this machine. `recipe` is the configuration from `domainlist` on, as the documentation gives it."""

    def __init__(self, folder: Path, *, recipe: str) -> None:
        if not PROGRAM.exists() or not NAMES.exists():
            raise Unavailable("Exim is not unpacked here. Run .ci/debian, which does it.")
        self.port, self._folder = free_port(), folder
        for name in ("spool", "log"):
            (folder / name).mkdir(parents=True)
            shutil.chown(folder / name, OWN, OWN)
        folder.chmod(0o755)
        for name, line in (("passwd", USER.format(uid=OWN, gid=OWN)), ("group", f"Debian-exim:x:{OWN}:\n")):
            (folder / name).write_text(Path(f"/etc/{name}").read_text() + line)
        configuration = folder / "exim.conf"
        configuration.write_text(CONFIGURATION.format(program=PROGRAM, folder=folder, port=self.port, recipe=recipe))
        environment = {"LD_PRELOAD": str(NAMES), "NSS_WRAPPER_PASSWD": f"{folder}/passwd", "NSS_WRAPPER_GROUP": f"{folder}/group"}
        with (folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                [PROGRAM, "-C", configuration, "-bdf", "-q1s"], env=os.environ | environment, stdout=output, stderr=output
            )
        wait_for_port(self.port, process=self._process, log=folder / "output")

    def log(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted((self._folder / "log").iterdir()))

    def stop(self) -> None:
        stop(self._process)
