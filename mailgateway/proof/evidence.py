"""Whether a mail's author is who the From line says, and what a spam filter thought of it: all checks of one mail, put together.

Checked here, or read from a front server that is trusted. Nothing in here decides where a mail goes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from django.conf import settings

from mailgateway.proof import domains, front, lookups, path, policy, spam
from mailgateway.proof.canonical import MAX_HEAD
from mailgateway.proof.findings import FRONT, NONE, PASS, TEMPERROR
from mailgateway.proof.findings import Evidence as Evidence
from mailgateway.proof.front import Stated
from mailgateway.proof.lookups import Dns, Lookups
from mailgateway.proof.path import Path
from mailgateway.proof.policy import Finding
from mailgateway.proof.signatures import Seals, Signature, Signed
from mailgateway.proof.spam import Junk
from mailgateway.reading import headers
from mailgateway.reading.headers import Fields

log = structlog.get_logger()

MAX_AUTHORS = 5
_dns: list[Dns] = []
_threads = ThreadPoolExecutor(16, thread_name_prefix="mail-evidence")
_FROM_IP = re.compile(r"\[(?:IPv6:)?([0-9a-fA-F:.]{3,45})\]")


def look_up_with(server: Dns) -> Dns:
    """Ask `server` from now on; gives the one before."""
    before = asked()
    _dns[:] = [server]
    return before


def asked() -> Dns:
    """The resolver of this process."""
    if not _dns:
        _dns.append(lookups.system())
    return _dns[0]


def of(raw: bytes, from_address: str, *, envelope: Mapping[str, Any] | None = None, dns: Dns | None = None) -> Evidence:
    """All that can be told about one mail. Never raises; may wait for DNS (see lookups.PATIENCE), so call it on a thread.

    `from_address` is the author as shown; `envelope` as the intake knows it (sender, peer, greeting, door, trusted).
    """
    known = dict(envelope or {})
    try:
        return _of(raw, from_address, known, Lookups(dns or asked()))
    except Exception:  # strangers' bytes: a fault of ours must not keep a mail out
        log.exception("mail_not_checked")
        return Evidence(dkim=TEMPERROR, author=domains.of_address(from_address), details=("It could not be checked.",))


async def beside(raw: bytes, from_address: str, *, envelope: Mapping[str, Any]) -> Evidence:
    """`of` for an event loop, on threads of its own: those of the ledger must not wait for strangers' name servers."""
    work = partial(of, raw, from_address, envelope=envelope)
    return await asyncio.get_running_loop().run_in_executor(_threads, work)


def _of(raw: bytes, from_address: str, envelope: Mapping[str, Any], ask: Lookups) -> Evidence:
    fields = headers.fields(raw[:MAX_HEAD].replace(b"\r\n", b"\n").split(b"\n\n", 1)[0])
    believed = _believed(envelope)
    stated = front.stated(fields, settings.AUTHSERV, below_one=envelope.get("door", "smtp") in ("smtp", "lmtp")) if believed else ()
    author, single = _author(fields, from_address)
    found = _stated(stated, author, ask) if stated else _checked(raw, author, fields, envelope, ask)
    if not single:
        # Whoever reads it sees one author, whoever checks it another one.
        found = replace(found, aligned=False, details=(*found.details, "It has more than one author."))
        found = _strictest(found, fields, ask)
    return replace(found, spam=spam.judged(fields) if believed else Junk())


def _believed(envelope: Mapping[str, Any]) -> bool:
    """Whether somebody we trust wrote the topmost lines of its head: our front server, or the mailbox it is fetched from."""
    if envelope.get("door", "smtp") in ("smtp", "lmtp"):
        return bool(envelope.get("trusted"))
    return bool(settings.AUTHSERV)


def _author(fields: Fields, from_address: str) -> tuple[str, bool]:
    """The domain of the author as shown, and whether he is the only one."""
    lines = headers.every(fields, "from")
    boxes = [box for line in lines for box in headers.addresses(line)]
    single = len(lines) == 1 and len(boxes) <= 1 and len(headers.every(fields, "subject")) <= 1
    return domains.of_address(from_address) or domains.of_address(boxes[0].address if boxes else ""), single


def _stated(stated: tuple[Stated, ...], author: str, ask: Lookups) -> Evidence:
    """What the front server found; DMARC from that where it says nothing of it."""

    def best(method: str) -> Stated:
        of_kind = [one for one in stated if one.method == method]
        good = [one for one in of_kind if one.result == PASS]
        return next((one for one in good if domains.aligned(one.domain, author)), (good or of_kind or [Stated(method, NONE)])[0])

    dkim, spf, arc, dmarc = best("dkim"), best("spf"), best("arc"), best("dmarc")
    signer = dkim.domain if dkim.result == PASS else ""
    way = spf.domain if spf.result == PASS else ""
    judged = Finding(dmarc.result, dmarc.policy)
    if dmarc.result == NONE or (dmarc.result == policy.FAIL and not dmarc.policy):
        said = policy.check(author, signers=[signer], path=way, unsure=TEMPERROR in (dkim.result, spf.result), lookups=ask)
        judged = said if dmarc.result == NONE else Finding(policy.FAIL, said.policy)
    return Evidence(
        spf=spf.result,
        dkim=dkim.result,
        dmarc=judged.result,
        arc=arc.result,
        aligned=_aligned(judged, author, (signer,), way) and dmarc.domain in ("", author),
        policy=judged.policy,
        author=author,
        signer=signer,
        path=way,
        sealer=arc.domain if arc.result == PASS else "",
        source=FRONT,
        details=tuple(f"{one.method}={one.result} {one.domain}".strip() + " (said by the server in front)" for one in stated),
    )


def _checked(raw: bytes, author: str, fields: Fields, envelope: Mapping[str, Any], ask: Lookups) -> Evidence:
    """Our own checks, the cheap ones first; ARC only where the rest did not prove the author."""
    peer, greeting = _client(fields, envelope)
    way = path.check(peer, str(envelope.get("sender") or ""), greeting, ask)
    signed = Signed(raw)
    signatures = signed.signatures(ask)
    good = [one.domain for one in signatures if one.result == PASS]
    # A signature that leaves the subject open, or a head with two of it, proves the domain and not what is shown.
    whole = [one.domain for one in signatures if one.result == PASS and signed.clear and "subject" in one.covers]
    passed = way.domain if way.result == PASS else ""
    unsure = way.result == TEMPERROR or any(one.result == TEMPERROR for one in signatures)
    judged = _judged(author, good, passed, unsure=unsure, blind=not path.outside(peer), ask=ask)
    proven = _aligned(judged, author, whole, passed)
    seals = Seals() if proven else signed.seals(ask)
    passed_on = _passed_on(seals)
    if passed_on:
        return _stated(passed_on, author, ask)
    return Evidence(
        spf=way.result,
        dkim=_dkim(signatures),
        dmarc=judged.result,
        arc=seals.result,
        aligned=proven,
        policy=judged.policy,
        author=author,
        signer=next((one for one in whole if domains.aligned(one, author)), (good or [""])[0]),
        path=passed,
        sealer=(seals.sealers or ("",))[0] if seals.result == PASS else "",
        details=_details(way, signatures, judged, seals),
    )


def _passed_on(seals: Seals) -> tuple[Stated, ...]:
    """What the last sealer found, where the site believes that server (RFC 8617 section 7.2.1): it got the mail before it was changed."""
    if seals.result != PASS or not settings.AUTHSERV:
        return ()
    server, results = front.parse(seals.said.partition(";")[2])
    return results if server in settings.AUTHSERV and domains.aligned(server, seals.sealers[0]) else ()


def _judged(author: str, good: list[str], passed: str, *, unsure: bool, blind: bool, ask: Lookups) -> Finding:
    """`blind`: the server outside is not known (it came by a front server, or out of a mailbox), so its path might have passed."""
    if blind and not good:
        return Finding()
    found = policy.check(author, signers=good, path=passed, unsure=unsure or blind, lookups=ask)
    return Finding(NONE, found.policy) if blind and not unsure and found.result == TEMPERROR and found.policy else found


def _aligned(judged: Finding, author: str, signers: list[str] | tuple[str, ...], passed: str) -> bool:
    if judged.result == policy.FAIL or not author:
        return False
    if judged.result == PASS and not signers and not passed:
        return False
    return any(domains.aligned(one, author) for one in (*signers, passed))


def _strictest(found: Evidence, fields: Fields, ask: Lookups) -> Evidence:
    """RFC 7489 section 6.6.1: with several authors the strictest of their policies counts."""
    names = {domains.of_address(box.address) for line in headers.every(fields, "from") for box in headers.addresses(line)}
    for name in sorted(names - {found.author, ""})[:MAX_AUTHORS]:
        said = policy.check(name, signers=[found.signer], path=found.path, unsure=found.dmarc == TEMPERROR, lookups=ask)
        if said.result == policy.FAIL and said.policy == policy.REJECT:
            return replace(found, dmarc=policy.FAIL, policy=policy.REJECT)
    return found


def _dkim(signatures: tuple[Signature, ...]) -> str:
    """One word for all of them: the best."""
    results = [one.result for one in signatures]
    return next((word for word in (PASS, TEMPERROR, "fail", "policy", "permerror") if word in results), NONE)


def _client(fields: Fields, envelope: Mapping[str, Any]) -> tuple[str, str]:
    """Address and greeting of the server outside: the one that spoke to us, or the one our front server wrote down as its client."""
    if not envelope.get("trusted"):
        return str(envelope.get("peer") or ""), str(envelope.get("greeting") or "")
    line = re.split(r"\sby\s", headers.first(fields, "received")[:1000], maxsplit=1)[0]
    address = _FROM_IP.search(line)
    name = re.search(r"helo=([^\s)]+)", line) or re.match(r"from\s+([^\s(\[]+)", line, re.IGNORECASE)
    return (address[1] if address else ""), (name[1] if name else "")


def _details(way: Path, signatures: tuple[Signature, ...], judged: Finding, seals: Seals) -> tuple[str, ...]:
    lines = [f"spf={way.result} {way.domain}".strip() + (f" ({way.why})" if way.why else "")]
    lines += [f"dkim={one.result} {one.domain}".strip() + (f" ({one.why})" if one.why else "") for one in signatures]
    lines.append(f"dmarc={judged.result}" + (f" (the domain asks for: {judged.policy})" if judged.policy else ""))
    if seals.result != NONE:
        lines.append(f"arc={seals.result} {' '.join(seals.sealers)}".strip())
    return tuple(lines)
