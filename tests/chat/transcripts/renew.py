"""Writes the kept files of the formats anew, in a store of its own: `python -m tests.chat.transcripts.renew`."""

from __future__ import annotations


def main() -> None:
    from tests import conftest

    conftest._set_up_django()
    conftest._databases().fresh()
    from tests.chat.transcripts import golden

    golden.tell()
    golden.FOLDER.mkdir(exist_ok=True)
    for name, (file, *_) in golden.WAYS.items():
        (golden.FOLDER / file).write_bytes(golden.made(name))


if __name__ == "__main__":
    main()
