"""Both lock files pin all that pyproject.toml asks for, with hashes, in the same versions, and name no registry."""

from __future__ import annotations

import re
import tomllib

from tests.house.sources import ROOT

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)


def test_every_dependency_is_pinned_with_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for lock, asked in (("requirements.lock", project["dependencies"]), ("requirements-dev.lock", project["dependencies"] + extras["dev"])):
        missing = {_plain(re.split(r"[\[<>=!~ ;]", wanted)[0]) for wanted in asked} - set(_pins(lock))
        assert not missing, f"{lock} does not pin {sorted(missing)}: run `make lock`."


def test_a_lock_file_holds_nothing_but_pins() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert not PINNED.sub("", (ROOT / lock).read_text()).strip(), f"{lock} holds something that is no pin with a hash."


def test_the_tests_run_with_the_versions_that_are_served() -> None:
    served, tested = _pins("requirements.lock"), _pins("requirements-dev.lock")
    assert served.items() <= tested.items()


def _pins(lock: str) -> dict[str, str]:
    return {_plain(name): version for name, version, _ in PINNED.findall((ROOT / lock).read_text())}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
