"""The DNS records that a mail domain needs (MX, SPF, DKIM, DMARC), what is found of them now, and the gap in a sentence each.

Asks the name server and changes nothing; who shows it, and where mail comes in and goes out, is said by the caller.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from mailgateway.proof import domains, evidence, path, policy, signing
from mailgateway.proof.lookups import Lookups, Unanswered

GOOD, GAP, UNKNOWN = "good", "gap", "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One record: what to publish, what is there, and what that means."""

    what: str
    """MX, SPF, DKIM or DMARC."""
    state: str
    """good, gap, or unknown where nobody answered."""
    name: str
    """Where the record stands."""
    kind: str
    """Its type: MX or TXT."""
    publish: str
    """A value that would do; empty where only the reader can know it."""
    found: tuple[str, ...]
    sentence: str

    def line(self) -> str:
        """As it stands in a zone file."""
        value = self.publish
        if self.kind == "TXT":
            value = " ".join(f'"{value[at : at + 250]}"' for at in range(0, len(value), 250))
        return f"{self.name}. IN {self.kind} {value}" if self.publish else ""


def findings(*, mail_host: str = "", sends_from: Sequence[str] = (), by_port_25: bool = True) -> list[Finding]:
    """All of them for THROUGHLINE_MAIL_DOMAIN, in the order in which mail needs them. May wait for DNS; never raises.

    `mail_host` is the name at which the world reaches us; `sends_from` the addresses of the relay as others see it, where they are known;
    without `by_port_25` mail is fetched or posted to us, so MX records are the provider's.
    """
    domain = domains.plain(settings.MAIL_DOMAIN)
    if not domain:
        sentence = (
            f"THROUGHLINE_MAIL_DOMAIN is {settings.MAIL_DOMAIN!r}: that is no domain of the internet, so there is nothing to publish yet."
        )
        return [Finding(what="MX", state=UNKNOWN, name=settings.MAIL_DOMAIN, kind="MX", publish="", found=(), sentence=sentence)]
    ask = Lookups(evidence.asked(), patience=15.0)
    steps = [mx(domain, mail_host, ask)] if by_port_25 else []
    return [*steps, spf(domain, sends_from, ask), *(dkim(selector, ask) for selector in settings.DKIM or [""]), dmarc(domain, ask)]


def mx(domain: str, mail_host: str, ask: Lookups) -> Finding:
    """Whether the world brings mail for the domain to us."""
    host = mail_host or f"mail.{domain}"

    def finding(state: str, sentence: str, found: Sequence[str] = ()) -> Finding:
        return Finding(what="MX", state=state, name=domain, kind="MX", publish=f"10 {host}.", found=tuple(found), sentence=sentence)

    try:
        rows = sorted(ask.ask(domain, "MX"))
    except Unanswered:
        return finding(UNKNOWN, f"No name server answered for {domain}: nothing can be said about its MX record.")
    found = [f"{preference} {name}" for preference, name in rows]
    if not rows:
        return finding(GAP, f"{domain} has no MX record: other servers look for its mail at the address of {domain} itself, or give up.")
    if any(name in ("", ".") for _, name in rows):
        return finding(GAP, f"{domain} publishes that it takes no mail at all (a null MX): take that record away.", found)
    if mail_host and mail_host.lower().rstrip(".") not in [name.lower().rstrip(".") for _, name in rows]:
        others = ", ".join(name for _, name in rows)
        return finding(
            GAP, f"Mail for {domain} goes to {others} and not to {mail_host}: right if that hands it on to us, wrong if not.", found
        )
    return finding(GOOD, f"Mail for {domain} goes to {', '.join(name for _, name in rows)}.", found)


def spf(domain: str, sends_from: Sequence[str], ask: Lookups) -> Finding:
    """Whether our relay may send for the domain."""
    known = [address for address in sends_from if path.outside(address)]
    terms = [f"ip{ipaddress.ip_address(address).version}:{address}" for address in known]
    publish = f"v=spf1 {' '.join(terms) if terms else 'mx'} ~all"

    def finding(state: str, sentence: str, found: Sequence[str] = ()) -> Finding:
        return Finding(what="SPF", state=state, name=domain, kind="TXT", publish=publish, found=tuple(found), sentence=sentence)

    try:
        rows = [row.decode("utf-8", "replace") for row in ask.ask(domain) if row.lower().startswith(b"v=spf1")]
    except Unanswered:
        return finding(UNKNOWN, f"No name server answered for {domain}: nothing can be said about its SPF record.")
    if not rows:
        return finding(GAP, f"{domain} does not say which servers send its mail: many take such mail for spam, some refuse it.")
    if len(rows) > 1:
        return finding(GAP, f"{domain} has {len(rows)} SPF records, which counts as none: make one of them.", rows)
    refused = []
    for address in known:
        way = path.check(address, f"postmaster@{domain}", domain, ask)
        if way.result != path.PASS:
            refused.append(f"{address} ({way.result}{': ' + way.why if way.why else ''})")
    if refused:
        return finding(GAP, f"The SPF record of {domain} does not let our relay send: {', '.join(refused)}. Add it to the record.", rows)
    if not known:
        return finding(GOOD, f"{domain} has an SPF record; whether it names your relay cannot be seen from here.", rows)
    return finding(GOOD, f"{domain} lets {', '.join(known)} send its mail.", rows)


def dkim(selector: str, ask: Lookups) -> Finding:
    """Whether others find the key with which we sign."""
    try:
        name, publish = signing.record(selector) if selector else ("", "")
    except signing.KeyTrouble as problem:
        name = f"{selector}._domainkey.{settings.MAIL_DOMAIN}"
        sentence = f"{problem} Make it with `throughline dkim {selector}`; until then mail leaves without that signature."
        return Finding(what="DKIM", state=GAP, name=name, kind="TXT", publish="", found=(), sentence=sentence)

    def finding(state: str, sentence: str, found: Sequence[str] = ()) -> Finding:
        return Finding(what="DKIM", state=state, name=name, kind="TXT", publish=publish, found=tuple(found), sentence=sentence)

    if not selector:
        cure = "make a key with `throughline dkim s1`, publish what it prints and set THROUGHLINE_DKIM=s1, unless your relay signs"
        return finding(GAP, f"Outgoing mail is not signed here: {cure}.")
    try:
        rows = [row.decode("utf-8", "replace") for row in ask.ask(name)]
    except Unanswered:
        return finding(UNKNOWN, f"No name server answered for {name}: nothing can be said about the key.")
    if not rows:
        return finding(GAP, f"The key {selector} is not published: others cannot check what we sign.")
    if not any(_key(row) == _key(publish) for row in rows):
        return finding(GAP, f"At {name} another key is published than the one that signs: every signature of ours fails.", rows)
    return finding(GOOD, f"The key {selector} is published and is the one that signs.", rows)


def dmarc(domain: str, ask: Lookups) -> Finding:
    """Whether others are told what to do with mail that only claims to be ours."""
    publish = f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}"

    def finding(state: str, sentence: str, found: Sequence[str] = ()) -> Finding:
        return Finding(
            what="DMARC", state=state, name=f"_dmarc.{domain}", kind="TXT", publish=publish, found=tuple(found), sentence=sentence
        )

    try:
        record = policy.published(domain, ask)
        rows = [row.decode("utf-8", "replace") for row in ask.ask(f"_dmarc.{domain}")]
    except Unanswered:
        return finding(UNKNOWN, f"No name server answered for _dmarc.{domain}: nothing can be said about the policy.")
    if record is None:
        broken = f"What is published at _dmarc.{domain} counts as no policy" if rows else f"{domain} publishes no policy"
        return finding(GAP, f"{broken}: Gmail and Yahoo want one from those who send much. Begin with p=none and read the reports.", rows)
    words = {
        policy.SHOW: f"{domain} asks for reports only: anybody can still write in its name. Raise it to p=quarantine once they are clean.",
        policy.QUARANTINE: f"{domain} asks others to put mail aside that only claims to be from it.",
        policy.REJECT: f"{domain} asks others to refuse mail that only claims to be from it.",
    }
    return finding(GOOD, words[record.policy], rows)


def _key(value: str) -> str:
    parts = (part.partition("=") for part in value.split(";"))
    return next(("".join(content.split()) for key, _, content in parts if key.strip() == "p"), "")
