"""`throughline doctor mail`: the round trip and the DNS records, printed as they become known, each trouble with its cure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from rich.console import Console

from chat.ledger.read import in_thread
from chat.people.models import Site
from mailgateway.setup import advice, round_trip
from mailgateway.setup.advice import NOTE, TROUBLE, WELL, Step

_COLOURS = {WELL: "green", TROUBLE: "red", NOTE: "yellow"}
_WIDTH = 9


def report(*, key: str = "", patience: float = round_trip.PATIENCE) -> int:
    """Returns the exit status: 0 all well, 1 something needs care, 2 if there is no such site."""
    out = Console(highlight=False)
    site = (Site.objects.filter(key=key) if key else Site.objects.order_by("pk")).first()
    if site is None:
        out.print(f"There is no site {key}." if key else "There is no site yet: open the set-up page first.")
        return 2
    return asyncio.run(_printed(site, patience, out))


async def steps(site: Site, *, patience: float = round_trip.PATIENCE) -> AsyncIterator[Step]:
    """Everything that can be told about this site's mail."""
    proven = False
    mailbox = await in_thread(advice.mailbox)
    if mailbox is not None:
        yield mailbox
    if mailbox is None or mailbox.state == WELL:
        async for step in round_trip.run(site, patience=patience):
            proven = proven or (step.name == round_trip.PROOF and step.state == WELL)
            yield step
    for step in await in_thread(advice.records):
        # What arrived with proof is signed or allowed by somebody, even if not by us.
        yield replace(step, state=NOTE) if proven and step.name in ("SPF", "DKIM") and step.state == TROUBLE else step


async def _printed(site: Site, patience: float, out: Console) -> int:
    failed = 0
    async for step in steps(site, patience=patience):
        failed += step.state == TROUBLE
        colour = _COLOURS[step.state]
        out.print(f"[{colour}]{step.state:<{_WIDTH}}[/{colour}]", end="")
        out.print(f"{step.name}: {step.sentence}", markup=False, soft_wrap=True)
        if step.cure:
            out.print(f"{'':<{_WIDTH}}cure: {step.cure}", markup=False, soft_wrap=True)
        if step.line:
            out.print(f"{'':<{_WIDTH}}{step.line}", markup=False, soft_wrap=True)
    out.print("All is well." if not failed else f"{failed} of these need care.")
    return 1 if failed else 0
