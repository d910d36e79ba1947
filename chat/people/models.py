"""The tables of people and sites. They know nothing of what was said: conversations name people by pseudonymous refs only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import MinValueValidator
from django.db import models


class Site(models.Model):
    """A brand: the name customers see, where its widget may stand, and its policies."""

    key = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=8)
    """Letters in front of the case number, as in BR-4821."""
    hue = models.PositiveSmallIntegerField(default=186)
    greeting = models.CharField(max_length=120, default="Hello. How can we help?")
    origins = models.TextField(default="", blank=True)
    """Web origins that may embed the widget, one a line; our own origin may always."""
    mail_base = models.CharField(max_length=20, default="support")
    """Local part of the site's mail address, before the tag."""
    away_after = models.PositiveIntegerField(default=120)
    """Seconds until lines the customer has not seen go by e-mail; 0 switches it off."""
    keep_days = models.PositiveIntegerField(default=180, validators=[MinValueValidator(180)])
    """Days a record is kept after its end counts from (see `chat.ledger.keeping`); never fewer than its floor."""
    acknowledge = models.BooleanField(default=True)
    """Whether a mail that opens a conversation is answered with an acknowledgement of receipt."""
    reopen_days = models.PositiveIntegerField(default=0)
    """Days after the closing in which an answer by mail opens the conversation again; later it opens a new one that goes on from it.
    0: always again."""
    mask_cards = models.BooleanField(default=True)
    """Whether card numbers are masked before anything is stored (see `masking`)."""
    mask_patterns = models.TextField(default="", blank=True)
    """Further numbers to mask, one `name: pattern` a line."""
    zone = models.CharField(max_length=64, default="UTC")
    widget_seen_at = models.BigIntegerField(default=0)
    widget_seen_on = models.CharField(max_length=200, default="", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "chat_site"
        constraints = [models.CheckConstraint(condition=models.Q(keep_days__gte=180), name="kept_for_180_days_at_least")]

    def __str__(self) -> str:
        return self.name

    def case(self, number: int) -> str:
        """The case number as people read it."""
        return f"{self.prefix}-{number}"


class AgentAccounts(BaseUserManager["Agent"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Agent:
        agent = self.model(email=self.normalize_email(email).lower(), **fields)
        agent.set_password(password)
        agent.save(using=self._db)
        return agent


class Agent(AbstractBaseUser, PermissionsMixin):
    """Somebody who answers. `role` decides what they may do; `shown_as` is the name customers read."""

    ROLES = (("agent", "agent"), ("lead", "team lead"), ("analyst", "analyst"), ("admin", "administrator"))

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    shown_as = models.CharField(max_length=80, blank=True, default="")
    role = models.CharField(max_length=16, choices=ROLES, default="agent")
    sites = models.ManyToManyField(Site, related_name="agents", blank=True, db_table="chat_agent_sites")
    away = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[AgentAccounts] = AgentAccounts()

    class Meta:
        db_table = "chat_agent"

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> str:
        return f"agent:{self.pk}"

    @property
    def public_name(self) -> str:
        return self.shown_as or self.name

    @property
    def is_staff(self) -> bool:
        """Django's admin is for administrators."""
        return self.role == "admin"


class Customer(models.Model):
    """A person who asks. One row a visitor until two are shown to be the same person."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    visitor = models.CharField(max_length=64, null=True, unique=True)
    """Digest of the visitor token's random part; null for people who came by mail."""
    name = models.CharField(max_length=120, default="", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "chat_customer"

    @property
    def ref(self) -> str:
        return f"customer:{self.pk}"


class Address(models.Model):
    """An e-mail address of a customer: typed until the person proved that it is theirs, then confirmed."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    address = models.CharField(max_length=254)
    """Lower case."""
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "chat_address"
        constraints = [models.UniqueConstraint(fields=["customer", "address"], name="address_once_per_customer")]
        indexes = [models.Index(fields=["site", "address"], name="address_by_site")]


class Link(models.Model):
    """A capability: opens one conversation for one participant. Only the digest of its secret is stored."""

    digest = models.CharField(max_length=64, unique=True)
    conversation = models.BigIntegerField()
    ref = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    bearer = models.BooleanField(default=False)
    """The customer made it to take it along: whoever has it is let in. All others ask for a code where the browser is not known."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "chat_link"
        indexes = [models.Index(fields=["conversation"], name="link_of_conversation")]


class Upload(models.Model):
    """A file that was sent but not yet named by an event. Its blob is durable; after a day without an event it may go."""

    secret = models.CharField(max_length=43, unique=True)
    owner = models.CharField(max_length=80)
    """Ref or visitor digest of who sent it: nobody else can attach it."""
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=120)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "chat_upload"


class SigningKey(models.Model):
    """A public key that we have signed with, kept for ever: what it signed must be checkable when the secret behind it is long gone."""

    vkey = models.CharField(max_length=400, unique=True)
    """As C2SP writes verifier keys."""
    since = models.BigIntegerField()
    """When it was first used; microseconds since 1970."""
    until = models.BigIntegerField(null=True)
    """When the next one was first used."""

    class Meta:
        db_table = "chat_signingkey"
