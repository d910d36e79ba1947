"""The customer's mail programs: s-nail answering a mail, swaks sending one header by header. Knows no code of ours."""

from __future__ import annotations

import subprocess
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

from tests.services.ports import program


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def answer_with_s_nail(mail: EmailMessage, text: str, *, sender: str, port: int, folder: Path) -> None:
    """Open the mail in s-nail and press reply: s-nail itself takes To from Reply-To and threads by In-Reply-To and References."""
    box = folder / "inbox.mbox"
    box.write_bytes(b"From mailer Sat Nov 21 10:00:00 2026\n" + mail.as_bytes().replace(b"\nFrom ", b"\n>From ") + b"\n")
    command = [
        program("s-nail", "s-nail"),
        *("-:/", "-#", "-R"),
        *("-S", f"mta=smtp://127.0.0.1:{port}", "-S", "smtp-auth=none"),
        *(
            "-S",
            f"from={sender}",
            "-S",
            "quote",
            "-S",
            "indentprefix=> ",
            "-S",
            "v15-compat=yes",
            "-S",
            "sendwait",
            "-S",
            "sendcharsets=utf-8",
        ),
        *("-S", "hostname=customer.example", "-S", "reply-to-honour=yes", "-S", "noautobcc", "-S", "errexit"),
        *("-f", str(box)),
    ]
    done = subprocess.run(
        command,
        input=f"reply 1\n{text}\n~.\nx\n",
        capture_output=True,
        text=True,
        timeout=30,
        env={"HOME": str(folder), "DEAD": str(folder / "dead.letter"), "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def send_with_swaks(*, port: int, sender: str, to: str, subject: str, text: str, headers: dict[str, str] | None = None) -> None:
    """One mail, as written."""
    command = [program("swaks", "swaks"), "--server", f"127.0.0.1:{port}", "--from", sender, "--to", parseaddr(to)[1], "--body", text]
    command += ["--header", f"Subject: {subject}", "--header", f"To: {to}", "--suppress-data"]
    for name, value in (headers or {}).items():
        command += ["--header", f"{name}: {value}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
