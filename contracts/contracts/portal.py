"""What the portal tells the others: what a client has asked for.

Each of these carries all that its mail says, so that nobody has to ask back.
"""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from contracts.event import Event


class ClientEvent(Event):
    """Of one client of one business."""

    customer_id: UUID
    customer_name: str
    business_name: str
    time_zone: str
    """Of the business."""
    locale: str
    """The customer's own, else the business's."""


class MagicLinkRequested(ClientEvent):
    """Only of an address that is known; whoever asked cannot tell the difference."""

    subject: ClassVar = "portal.magic-link.requested.v1"
    link_id: UUID
    email: str
    url: str
    """Holds the one-time token; whoever reads it may sign in until it is used or `expires_at`."""
    expires_at: AwareDatetime


class EmailChangeRequested(ClientEvent):
    """The new address has to be confirmed by whoever reads its mails."""

    subject: ClassVar = "portal.email-change.requested.v1"
    change_id: UUID
    new_email: str
    url: str
    """Holds the one-time token that confirms the new address."""
    expires_at: AwareDatetime


class EmailChanged(ClientEvent):
    """Confirmed from the new address; the old one is told, in case it was somebody else."""

    subject: ClassVar = "portal.email.changed.v1"
    change_id: UUID
    old_email: str
    new_email: str


class ErasureRequested(Event):
    """Every service forgets this client and answers with a `CustomerErased` of its own."""

    subject: ClassVar = "portal.erasure.requested.v1"
    erasure_id: UUID
    customer_id: UUID
    email: str | None
    """The address of which nothing may be kept; what names the customer's id alone goes too."""


class CustomerErased(Event):
    """What each service makes its answer of, under a name and a subject of its own."""

    erasure_id: UUID
    customer_id: UUID


class ErasureCompleted(ClientEvent):
    """All have answered. The mail that says so is the last one to this address."""

    subject: ClassVar = "portal.erasure.completed.v1"
    erasure_id: UUID
    email: str | None
