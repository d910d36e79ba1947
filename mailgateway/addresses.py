"""Which addresses are ours: site bases with or without a tag, the bounce address, postmaster. Reads sites; knows no mail."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from chat.people.models import Site
from mailgateway import keys, message_id, reply_address
from mailgateway.reply_address import Tag

REMEMBERED = 5.0
"""Seconds for which the list of sites is good: RCPT decides without asking the database each time."""
NONE = "none"
"""The separator of a host that delivers nothing but the plain address: there the references of a reply alone lead to its conversation."""
_NOBODY = re.compile(r"(no[-_.]?reply|do[-_.]?not[-_.]?reply|mailer-daemon|postmaster|bounces?|notifications?)([+@.-]|$)", re.IGNORECASE)
_remembered: tuple[float, str, tuple[Base, ...]] = (0.0, "", ())


@dataclass(frozen=True, slots=True)
class Base:
    """The local part under which a site gets mail."""

    name: str
    site: int


def bases() -> tuple[Base, ...]:
    """All bases, the oldest site first: where two share one, new mail goes to the first."""
    global _remembered
    found = _at_hand()
    if not found:
        found = tuple(Base(site.mail_base.lower(), site.pk) for site in Site.objects.order_by("pk"))
        _remembered = (time.monotonic(), _database(), found)
    return found


def is_nobody(address: str) -> bool:
    """Whether nobody reads what is sent there."""
    return bool(_NOBODY.match(address))


def is_ours(domain: str) -> bool:
    return domain.strip().rstrip(".").lower() in own_domains()


def own_domains() -> tuple[str, ...]:
    """The domain of our addresses, and that of reply addresses where it is another one."""
    return (settings.MAIL_DOMAIN, settings.MAIL_REPLY_DOMAIN) if settings.MAIL_REPLY_DOMAIN else (settings.MAIL_DOMAIN,)


def deliverable(address: str) -> bool:
    """Whether mail to this address can be taken: our domain, and a base, one of its reply addresses or a bounce address before it."""
    return _deliverable(address, bases())


def deliverable_at_once(address: str) -> bool | None:
    """The same for an event loop, from the list that is remembered; None if the database has to be asked."""
    known = _at_hand()
    return _deliverable(address, known) if known else None


def _deliverable(address: str, known: tuple[Base, ...]) -> bool:
    local, at, domain = address.strip().rpartition("@")
    if not at:
        # RFC 5321 section 4.5.1: postmaster works without a domain.
        return address.strip().lower() == "postmaster"
    if not is_ours(domain):
        return False
    name = local.strip('"').lower()
    if name == "postmaster" or re.split(r"[+=-]", name, maxsplit=1)[0] == keys.BOUNCE_BASE:
        return True
    return any(_belongs(address, name, base.name) for base in known)


def site_of(addresses: tuple[str, ...]) -> int:
    """The site that new mail to these addresses is for; the first site when none is named."""
    known = bases()
    for address in addresses:
        local, _, domain = address.strip().rpartition("@")
        if is_ours(domain):
            for base in known:
                if _belongs(address, local.strip('"').lower(), base.name):
                    return base.site
    return known[0].site if known else 0


def sites_written_to(given: Iterable[str]) -> tuple[int, ...]:
    """The sites whose own address, without a tag, is among these; each once, in order."""
    found = []
    for address in given:
        local, _, domain = address.strip().rpartition("@")
        name = local.strip('"').lower()
        if is_ours(domain):
            found += [base.site for base in bases() if _plainly(address, name, base.name)][:1]
    return tuple(dict.fromkeys(found))


def is_of_other_site(address: str, site: int) -> bool:
    """Whether the part before the tag is the address of other sites than this one: nobody was ever given such an address."""
    local, _, domain = address.strip().rpartition("@")
    name = reply_address.base_of(local.strip('"').lower())
    owners = {base.site for base in bases() if base.name == name} if is_ours(domain) else set()
    return bool(owners) and site not in owners


def reply_to(site: Site, *, conversation: int, addressee: int) -> str:
    """The signed address that brings an answer back; nobody else can make one."""
    if settings.MAIL_SEPARATOR == NONE:
        return public(site)
    base, domain = ("", settings.MAIL_REPLY_DOMAIN) if settings.MAIL_REPLY_DOMAIN else (site.mail_base, settings.MAIL_DOMAIN)
    key = keys.current(keys.reply())
    said = {"conversation": conversation, "addressee": addressee}
    return reply_address.make(base, domain=domain, key=key, separator=settings.MAIL_SEPARATOR, **said)


def bounces_to(site: Site, *, conversation: int, position: int, addressee: int) -> str:
    """The envelope sender of one mail: reports about it come back there and name it, where this host delivers such addresses."""
    if settings.MAIL_SEPARATOR == NONE:
        return public(site)
    domain = settings.MAIL_REPLY_DOMAIN or settings.MAIL_DOMAIN
    key = keys.current(keys.envelope())
    said = {"conversation": conversation, "position": position, "addressee": addressee}
    return message_id.make_envelope_sender(keys.BOUNCE_BASE, domain=domain, key=key, separator=settings.MAIL_SEPARATOR, **said)


def public(site: Site) -> str:
    """The address that people know."""
    return f"{site.mail_base}@{settings.MAIL_DOMAIN}"


def own() -> frozenset[str]:
    """All addresses under which we send: mail from them is our own coming back."""
    return frozenset(f"{base.name}@{settings.MAIL_DOMAIN}" for base in bases())


def _at_hand() -> tuple[Base, ...]:
    at, place, found = _remembered
    return found if place == _database() and time.monotonic() - at <= REMEMBERED else ()


def _database() -> str:
    from django.db import connections

    return str(connections["default"].settings_dict["NAME"])


def _plainly(address: str, local: str, base: str) -> bool:
    return (local == base or local.startswith(f"{base}+")) and reply_address.read(address, keys.reply(), base=base) is None


def _belongs(address: str, local: str, base: str) -> bool:
    if local == base or local.startswith(f"{base}+"):
        return True
    found = reply_address.read(address, keys.reply(), base=base)
    return found is not None and (isinstance(found, Tag) or local.startswith(base))
