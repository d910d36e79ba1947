"""Every table of the app, for Django alone: nothing else imports this module."""

from chat.ledger.models import (
    Attachment,
    CaseCounter,
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
from chat.people.models import Address, Agent, Customer, Link, Site, Upload

__all__ = [
    "Address",
    "Agent",
    "Attachment",
    "CaseCounter",
    "Conversation",
    "Crossing",
    "Customer",
    "Delivery",
    "Due",
    "Event",
    "Follower",
    "Found",
    "Link",
    "Opening",
    "OutsideName",
    "Participant",
    "Received",
    "Site",
    "Upload",
    "Word",
]
