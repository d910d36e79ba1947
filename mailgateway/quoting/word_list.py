"""Word lists as a page of text: words between bars, as many on a line as fit. Knows no language."""

from __future__ import annotations


def words(page: str) -> tuple[str, ...]:
    """The words of the page, each once, in its order."""
    found = (word.strip() for word in page.replace("\n", "|").split("|"))
    return tuple(dict.fromkeys(word for word in found if word))
