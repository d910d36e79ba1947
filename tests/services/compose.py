"""compose.yaml and Dockerfile read as their own tools read them, and run without containers: the very commands with the very variables.

Only what a container has to itself is replaced: its ports, its folders, and the names of its neighbours. Knows no page of the product.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.services.ports import free_port, program, stop, wait_until

ROOT = Path(__file__).resolve().parents[2]
NEVER_COPIED = shutil.ignore_patterns("__pycache__")


def config(folder: Path, **variables: str) -> dict[str, Any]:
    """The file as Debian's docker-compose understands it, with `variables` in the .env. Raises ValueError with what it says against it."""
    folder.mkdir(parents=True, exist_ok=True)
    env_file = folder / "env"
    env_file.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    command = [program("docker-compose", "docker-compose"), "--env-file", str(env_file), "-f", str(ROOT / "compose.yaml"), "config"]
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "HOME": str(folder)}, cwd=folder)
    if done.returncode:
        raise ValueError(done.stderr)
    found: dict[str, Any] = yaml.safe_load(done.stdout)
    return found


def instructions() -> Iterator[tuple[str, str]]:
    """The Dockerfile's instructions with their arguments, continued lines joined."""
    joined = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE))
    for line in filter(None, map(str.strip, joined.splitlines())):
        name, _, rest = line.partition(" ")
        yield name, rest.strip()


def last_stage() -> list[tuple[str, str]]:
    """From the last FROM on: what becomes the image."""
    whole = list(instructions())
    begin = max(index for index, (name, _) in enumerate(whole) if name == "FROM")
    return whole[begin:]


def image_environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for name, rest in last_stage() if name == "ENV" for pair in shlex.split(rest))


class Image:
    """What the Dockerfile copies, in a folder, and nothing beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        for source, target in ((shlex.split(rest)) for name, rest in last_stage() if name == "COPY" and not rest.startswith("--from")):
            shutil.copytree(ROOT / source, folder / target, ignore=NEVER_COPIED)

    def files(self) -> set[Path]:
        return {path for path in self.folder.rglob("*") if path.is_file()}


class Container:
    """One service of the file as a process of this machine. `neighbours` says what stands for `postgres:5432` and the like."""

    def __init__(self, name: str, service: Mapping[str, Any], image: Image, folder: Path, neighbours: Mapping[str, str]) -> None:
        self.image, self._service = image, service
        self.port, self.smtp_port, status = free_port(), free_port(), free_port()
        own = folder / f"data-{name}"
        own.mkdir(parents=True, exist_ok=True)
        self._here = {
            "localhost:8000": f"localhost:{self.port}",
            **neighbours,
            "127.0.0.1:8000": f"127.0.0.1:{self.port}",
            "127.0.0.1', 2525": f"127.0.0.1', {self.smtp_port}",
            ":9100": f":{status}",
            "0.0.0.0": "127.0.0.1",
            "/data": str(own),
            "/blobs": str(folder / "blobs"),
        }
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        ours = image_environment() | self._service["environment"]
        ours = {name: self._fitted(str(value)) for name, value in ours.items() if name != "PATH"}
        rest = {name: value for name, value in os.environ.items() if not name.startswith(("THROUGHLINE_", "DJANGO_"))}
        return rest | ours | {"THROUGHLINE_PORT": str(self.port), "THROUGHLINE_SMTP_PORT": str(self.smtp_port)}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """The image's entry point with the service's command, or with another one, to its end."""
        command = command or tuple(self._service["command"])
        return subprocess.run(
            self._entry(command), cwd=self.image.folder, env=self.environment(), capture_output=True, text=True, timeout=120
        )

    def start(self) -> Container:
        """Returns once its health check says that it is healthy."""
        with self._log.open("ab") as output:
            command = self._entry(tuple(self._service["command"]))
            self._process = subprocess.Popen(command, cwd=self.image.folder, env=self.environment(), stdout=output, stderr=output)
        wait_until(self._healthy_at_last, process=self._process, log=self._log, seconds=60)
        return self

    def healthy(self) -> bool:
        """What the file's own health check says."""
        kind, *command = self._service["healthcheck"]["test"]
        assert kind == "CMD"
        return not subprocess.run(self._local([self._fitted(word) for word in command]), capture_output=True, timeout=30).returncode

    def _healthy_at_last(self) -> bool:
        time.sleep(0.5)  # each look is a process of its own
        return self.healthy()

    def stop(self) -> int:
        return stop(self._process, seconds=20) if self._process is not None else 0

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def _entry(self, command: tuple[str, ...]) -> list[str]:
        entry = next(rest for name, rest in last_stage() if name == "ENTRYPOINT")
        return self._local([*yaml.safe_load(entry), *command])

    def _fitted(self, text: str) -> str:
        for there, here in self._here.items():
            text = text.replace(there, here)
        return text

    @staticmethod
    def _local(command: list[str]) -> list[str]:
        assert command[0] == "python"
        return [sys.executable, *command[1:]]
