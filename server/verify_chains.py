"""`throughline verify`: walk every chain and name the first entry that does not hold; then compare all heads with the checkpoints.

Reads only; may run beside the server.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chat.ledger import check, read
from chat.people.models import Site
from server import checkpoints


def report(case: str = "") -> int:
    """Print what was found. Returns the exit status: 0 all holds, 1 something is broken, 2 no such case."""
    out = Console()
    if case:
        found = _by_case(case)
        if found is None:
            out.print(f"There is no case {case}. A case number looks like BR-4821.")
            return 2
        return _walk(out, [found])
    return max(_walk(out, None), min(1, checkpoints.verify(out)))


def _walk(out: Console, only: list[int] | None) -> int:
    broken = checked = 0
    columns = (TextColumn("Verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        task = progress.add_task("", total=len(only) if only else read.count_conversations(cap=10**9))
        for conversation in only or _all():
            problem = check.check(conversation)
            checked += 1
            if problem is not None:
                broken += 1
                out.print(f"[red]Broken[/red]: {_named(conversation)}, entry {problem.position}: {problem.problem}.", highlight=False)
            progress.advance(task)
    if broken:
        out.print(f"{broken} of {checked} conversations do not hold. Compare with a backup; the entries named were changed after sealing.")
        return 1
    counted = "1 conversation" if checked == 1 else f"{checked} conversations"
    out.print(f"{counted} verified: nothing was changed since it was sealed.")
    return 0


def _all() -> Iterator[int]:
    after = 0
    while page := read.all_conversations(after=after):
        yield from page
        after = page[-1]


def _named(conversation: int) -> str:
    head = read.head(conversation)
    site = Site.objects.filter(pk=head.site).first() if head else None
    return f"{site.case(head.number)} (conversation {conversation})" if head and site else f"conversation {conversation}"


def _by_case(case: str) -> int | None:
    prefix, _, number = case.strip().rpartition("-")
    for site in Site.objects.filter(prefix__iexact=prefix):
        head = read.by_number(site.pk, int(number)) if number.isdigit() else None
        if head is not None:
            return head.conversation
    return None
