"""The tables of mailboxes elsewhere from which mail is fetched. They say nothing of what a mail says."""

from __future__ import annotations

from django.db import models


class Mailbox(models.Model):
    """One folder of a mailbox: how far it was read. A whole mailbox has a row too: who is at it, and since when nobody could look in."""

    name = models.CharField(max_length=255, primary_key=True)
    validity = models.BigIntegerField(default=0)
    """UIDVALIDITY (RFC 9051 section 2.3.1.1): under another one all numbers are new. 0 before the first look."""
    next_uid = models.BigIntegerField(default=0)
    newest = models.BigIntegerField(default=0)
    """When the youngest mail that was taken had come there, in seconds since 1970; of a whole mailbox, when it was looked into last."""
    lease = models.BigIntegerField(default=0)
    """Until when its holder is at it, in microseconds since 1970."""
    holder = models.CharField(max_length=64, default="")

    class Meta:
        db_table = "chat_mailbox"


class Fetched(models.Model):
    """One mail that was taken, by its number there and the digest of its bytes: under a new number it is known again."""

    mailbox = models.CharField(max_length=255)
    validity = models.BigIntegerField()
    uid = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    at = models.BigIntegerField()

    class Meta:
        db_table = "chat_fetched"
        constraints = [models.UniqueConstraint(fields=["mailbox", "validity", "uid"], name="fetched_once")]
        indexes = [models.Index(fields=["digest"], name="fetched_digest"), models.Index(fields=["at"], name="fetched_at")]
