"""A new channel, kind of event, transcript format and action is one new server file: the pages that say so are followed in a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import Copy, copy_with

PAGES = ("channel", "event", "format", "action")


@pytest.fixture(params=PAGES)
def copy(request: pytest.FixtureRequest, tmp_path: Path) -> Copy:
    return copy_with(f"docs/add-a-{request.param}.md", tmp_path)


def test_one_new_server_file_with_its_test_is_all_it_takes(copy: Copy) -> None:
    assert len(copy.server_files) == 1
    assert len(copy.tests) == 1
    contracts = []
    if copy.server_files[0].startswith("chat/events/"):
        # As the page says; the contract of kinds compares what it wrote, and holds the new kind to all the rest.
        assert copy.run("-m", "tests.house.kinds_page").returncode == 0
        contracts = ["tests/house/test_kinds.py"]
    done = copy.run("-m", "pytest", "-p", "no:cacheprovider", *copy.tests, *contracts)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert not _unkempt(copy)
    assert not _broken_contracts(copy)


def _unkempt(copy: Copy) -> str:
    """What ruff says about the page's files."""
    found = [
        copy.run("-m", "ruff", "check", "--no-cache", "--quiet", *copy.added),
        copy.run("-m", "ruff", "format", "--no-cache", "--check", *copy.added),
    ]
    return "\n".join(done.stdout + done.stderr for done in found if done.returncode)


def _broken_contracts(copy: Copy) -> list[str]:
    """Import contracts that the new file breaks: whoever adds one knows only the rooms below."""
    module = copy.server_files[0].removesuffix(".py").replace("/", ".")
    done = copy.run("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache")
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if f"{module} ->" in line or f"{module} is not allowed" in line]
