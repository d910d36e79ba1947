"""Every table of the app, for Django alone: nothing else imports this module."""

from chat.ledger.fetched_models import Fetched, Mailbox
from chat.ledger.keeping_models import Leftover, RetentionRun
from chat.ledger.models import (
    Attachment,
    CaseCounter,
    Checkpoint,
    Conversation,
    Crossing,
    Delivery,
    Due,
    Event,
    Follower,
    Found,
    Opening,
    OutsideName,
    Participant,
    Received,
    Word,
)
from chat.people.gathered import Gathered
from chat.people.held import Held
from chat.people.models import Address, Agent, Customer, Link, SigningKey, Site, Upload
from chat.people.pausing import Unreached
from chat.people.tally import Tally

__all__ = [
    "Address",
    "Agent",
    "Attachment",
    "CaseCounter",
    "Checkpoint",
    "Conversation",
    "Crossing",
    "Customer",
    "Delivery",
    "Due",
    "Event",
    "Fetched",
    "Follower",
    "Found",
    "Gathered",
    "Held",
    "Leftover",
    "Link",
    "Mailbox",
    "Opening",
    "OutsideName",
    "Participant",
    "Received",
    "RetentionRun",
    "SigningKey",
    "Site",
    "Tally",
    "Unreached",
    "Upload",
    "Word",
]
