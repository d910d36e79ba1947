"""The tables of keeping: what crossings out have left over, and the runs that end records. They say nothing of what was said."""

from __future__ import annotations

from django.db import models


class Leftover(models.Model):
    """What a crossing out may have left outside the events: written in its transaction, removed when every place has forgotten it."""

    conversation = models.BigIntegerField()
    """0 if nothing was crossed out, and only blobs are to be looked at."""
    entries = models.TextField()
    """Position to names of fields, as JSON."""
    digests = models.TextField()
    """Blobs that the values named, as JSON."""

    class Meta:
        db_table = "chat_leftover"


class RetentionRun(models.Model):
    """One run over the records whose time is over: how far it is, and what it did."""

    name = models.CharField(max_length=40, primary_key=True)
    """The night it was begun for, so that one process does it; or the moment somebody asked for it."""
    began_at = models.BigIntegerField()
    seen_at = models.BigIntegerField()
    """When it last said that it goes on; whoever finds that long ago takes it over."""
    ended_at = models.BigIntegerField(default=0)
    looked = models.BigIntegerField(default=0)
    noticed = models.BigIntegerField(default=0)
    ended = models.BigIntegerField(default=0)
    entries = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)

    class Meta:
        db_table = "chat_retentionrun"
