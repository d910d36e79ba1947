"""The ledger's tables. Nobody outside chat.ledger imports them; the writers fill them with SQL of their own, reads go through `read`."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models


class Append(models.Model):
    """Base of tables that only the writers fill: the ORM neither saves nor deletes them."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is written by chat.ledger.append alone.")

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is never deleted.")


class Conversation(Append):
    """One row a conversation: its head in the chain, the folded state and the columns that queues are read by."""

    id = models.BigIntegerField(primary_key=True)
    site = models.BigIntegerField()
    number = models.BigIntegerField()
    """The case number, counted per site: for humans, never a secret."""
    position = models.BigIntegerField()
    head = models.BinaryField()
    last_at = models.BigIntegerField()
    state = models.TextField()
    status = models.CharField(max_length=16)
    assignee = models.CharField(max_length=64)
    offered_to = models.CharField(max_length=64)
    """Who was asked to take over and has not answered; empty if nobody was."""
    team = models.CharField(max_length=64)
    channel = models.CharField(max_length=32)
    waiting_since = models.BigIntegerField()
    touched_at = models.BigIntegerField()
    due_at = models.BigIntegerField()
    """Earliest open commitment, 0 if there is none."""
    bounced = models.BooleanField()
    keep_day = models.BigIntegerField(default=0)
    """The day since 1970 from which the end of keeping counts; 0 if the record is held, or its content is gone."""

    class Meta:
        db_table = "chat_conversation"
        constraints = [models.UniqueConstraint(fields=["site", "number"], name="case_number_once_per_site")]
        # One for each queue. The last column is that of the condition, so that SQLite counts without a look at the row.
        indexes = [
            models.Index(fields=["site", "-touched_at", "-id", "status"], condition=~models.Q(status="closed"), name="queue_open"),
            models.Index(
                fields=["site", "assignee", "-touched_at", "-id", "status"], condition=~models.Q(status="closed"), name="queue_assigned"
            ),
            models.Index(
                fields=["site", "offered_to", "-touched_at", "-id", "status"], condition=~models.Q(offered_to=""), name="queue_offered"
            ),
            models.Index(
                fields=["site", "waiting_since", "id", "status"],
                condition=models.Q(status="open") & ~models.Q(waiting_since=0),
                name="queue_waiting",
            ),
            models.Index(fields=["site", "assignee", "due_at", "id"], condition=~models.Q(due_at=0), name="queue_promises"),
            models.Index(fields=["site", "-touched_at", "-id", "status"], condition=models.Q(status="snoozed"), name="queue_snoozed"),
            models.Index(fields=["site", "-touched_at", "-id", "bounced"], condition=models.Q(bounced=True), name="queue_bounced"),
            models.Index(fields=["site", "-touched_at", "-id", "status"], condition=models.Q(status="closed"), name="queue_closed"),
            # By days, so that it moves once a day and not with every line.
            models.Index(fields=["site", "keep_day", "id"], condition=~models.Q(keep_day=0), name="conversation_ends"),
        ]


class Event(Append):
    """One sealed event. `body` maps each field to [salt in hex, canonical value as text], or to null where it is crossed out."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.DO_NOTHING, related_name="events", db_index=False)
    site = models.BigIntegerField()
    position = models.BigIntegerField()
    kind = models.CharField(max_length=64)
    kind_version = models.IntegerField()
    actor = models.CharField(max_length=64)
    channel = models.CharField(max_length=32)
    audience = models.CharField(max_length=16)
    disclose = models.CharField(max_length=200)
    at = models.BigIntegerField()
    key = models.CharField(max_length=200)
    key_salt = models.BinaryField()
    header = models.BinaryField()
    digests = models.TextField()
    body = models.TextField()
    seal = models.BinaryField()

    class Meta:
        db_table = "chat_event"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "position"], name="event_position_once"),
            models.UniqueConstraint(fields=["conversation", "actor", "key"], name="event_key_once"),
        ]


class Opening(Append):
    """What opened a conversation, so that the second try finds the first."""

    site = models.BigIntegerField()
    source = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    conversation = models.ForeignKey(Conversation, on_delete=models.DO_NOTHING, db_index=False)

    class Meta:
        db_table = "chat_opening"
        constraints = [models.UniqueConstraint(fields=["site", "source", "key"], name="opening_once")]


class CaseCounter(models.Model):
    """The last case number given out for a site."""

    site = models.BigIntegerField(primary_key=True)
    last = models.BigIntegerField()

    class Meta:
        db_table = "chat_casecounter"


class Participant(Append):
    """Who takes part in a conversation, by pseudonymous ref: the way from a person to their conversations."""

    conversation = models.ForeignKey(Conversation, on_delete=models.DO_NOTHING, db_index=False)
    ref = models.CharField(max_length=64)

    class Meta:
        db_table = "chat_participant"
        constraints = [models.UniqueConstraint(fields=["ref", "conversation"], name="participant_once")]


class OutsideName(Append):
    """An identifier of the outside world (a Message-ID) and the event it names. Only the digest of the name is kept."""

    namespace = models.CharField(max_length=32)
    value = models.CharField(max_length=300)
    conversation = models.ForeignKey(Conversation, on_delete=models.DO_NOTHING, db_index=False)
    position = models.BigIntegerField()

    class Meta:
        db_table = "chat_outsidename"
        constraints = [models.UniqueConstraint(fields=["namespace", "value"], name="outside_name_once")]


class Delivery(models.Model):
    """One event on its way to one target: written with the event, carried by the channel that asked for it."""

    conversation = models.ForeignKey(Conversation, on_delete=models.DO_NOTHING, db_index=False)
    position = models.BigIntegerField()
    route = models.CharField(max_length=32)
    target = models.CharField(max_length=64)
    state = models.CharField(max_length=16, default="queued")
    not_before = models.BigIntegerField(default=0)
    lease = models.BigIntegerField(default=0)
    """Until when a courier has it in hand; microseconds since 1970."""
    attempts = models.IntegerField(default=0)
    created_at = models.BigIntegerField()

    class Meta:
        db_table = "chat_delivery"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "position", "route", "target"], name="delivery_once"),
        ]
        indexes = [
            models.Index(fields=["route", "not_before", "id"], condition=models.Q(state__in=["queued", "delayed"]), name="delivery_to_do")
        ]


class Due(models.Model):
    """An alarm of one conversation. The fold sets and cancels it; the worker fires it with the key `due:<id>`."""

    conversation = models.ForeignKey(Conversation, on_delete=models.DO_NOTHING, db_index=False)
    name = models.CharField(max_length=64)
    at = models.BigIntegerField()

    class Meta:
        db_table = "chat_due"
        constraints = [models.UniqueConstraint(fields=["conversation", "name"], name="due_once")]
        indexes = [models.Index(fields=["at", "id"], name="due_next")]


class Attachment(Append):
    """Which event holds which blob: the only way from a person's request to a file."""

    conversation = models.ForeignKey(Conversation, on_delete=models.DO_NOTHING, db_index=False)
    position = models.BigIntegerField()
    index = models.IntegerField()
    digest = models.CharField(max_length=64)
    audience = models.CharField(max_length=16)

    class Meta:
        db_table = "chat_attachment"
        constraints = [models.UniqueConstraint(fields=["conversation", "position", "index"], name="attachment_once")]
        indexes = [models.Index(fields=["digest"], name="attachment_blob")]


class Received(models.Model):
    """Something that came in from outside and was acknowledged before it was understood: a raw mail and its envelope."""

    source = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    """SHA-256 of the raw bytes, the name of its blob."""
    raw = models.BinaryField(null=True)
    """The raw bytes of a small one that waits; from then on they are a blob like the others'."""
    envelope = models.TextField()
    received_at = models.BigIntegerField()
    state = models.CharField(max_length=16, default="waiting")
    """waiting | taken (it is an event now) | quarantined | spam | dropped (with the reason)"""
    reason = models.TextField(default="")
    conversation = models.BigIntegerField(null=True)
    attempts = models.IntegerField(default=0)
    lease = models.BigIntegerField(default=0)

    class Meta:
        db_table = "chat_received"
        indexes = [
            models.Index(fields=["source", "id"], condition=models.Q(state="waiting"), name="received_waiting"),
            models.Index(fields=["source", "-id"], condition=models.Q(state="quarantined"), name="received_quarantined"),
            models.Index(fields=["source", "-id"], condition=models.Q(state="spam"), name="received_spam"),
            models.Index(fields=["source", "-id"], condition=models.Q(state="kept"), name="received_kept"),
            models.Index(fields=["conversation"], condition=models.Q(conversation__isnull=False), name="received_of"),
            # Asked whenever a blob may go: does a mail still stand for it?
            models.Index(fields=["digest"], name="received_blob"),
        ]


class Crossing(models.Model):
    """A permit to cross out, alive only inside the transaction that also writes the privacy event; empty at rest."""

    conversation = models.BigIntegerField(primary_key=True)
    position = models.BigIntegerField()
    """Position of the privacy event."""

    class Meta:
        db_table = "chat_crossing"


class Follower(models.Model):
    """How far a reader of the whole feed has come (see `follow`), in the same transaction as what it made of it."""

    name = models.CharField(max_length=32, primary_key=True)
    edition = models.IntegerField(default=0)
    """Which way of reading it was: another one begins anew."""
    tx = models.BigIntegerField(default=0)
    event = models.BigIntegerField(default=0)
    crossings = models.BigIntegerField(default=0)
    """Counts what was crossed out: who has read events meanwhile reads them again before keeping anything of them."""

    class Meta:
        db_table = "chat_follower"


class Found(models.Model):
    """The words of one event that agents can find. Ids rise without gaps in the order of the feed, so a range of ids is a range of time."""

    id = models.BigIntegerField(primary_key=True)
    conversation = models.BigIntegerField()
    position = models.BigIntegerField()
    site = models.BigIntegerField()
    at = models.BigIntegerField()
    words = models.TextField()
    """Words with spaces between, behind an index of FTS5; on PostgreSQL a tsvector."""

    class Meta:
        db_table = "chat_search"
        constraints = [models.UniqueConstraint(fields=["conversation", "position"], name="search_once")]


class Word(models.Model):
    """Every word that can be found, so that the beginning of one leads to it. On PostgreSQL in the order of code points."""

    word = models.CharField(max_length=40, primary_key=True)

    class Meta:
        db_table = "chat_word"


class Checkpoint(models.Model):
    """The heads of all conversations at one time, as a signed note over the root of their Merkle tree."""

    made_at = models.BigIntegerField()
    size = models.BigIntegerField()
    """How many conversations there were."""
    root = models.BinaryField()
    note = models.TextField()
    leaves = models.CharField(max_length=64, default="")
    """Digest of the blob that lists the heads; empty when the list is no longer kept."""

    class Meta:
        db_table = "chat_checkpoint"
