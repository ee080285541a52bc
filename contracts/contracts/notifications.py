"""What notifications tells the others: what became of what was said."""

from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event
from contracts.portal import CustomerErased

Topic = Literal["reminders", "packages", "studio"]
"""What a reader may not want: reminders of bookings, news of packages, notices to the studio.
Everything else is about something that the reader has done or must know, and always sent."""


class SubscriptionChanged(Event):
    """A reader wants no more mails of this topic, or wants them again."""

    subject: ClassVar = "notifications.subscription.changed.v1"
    email: str
    customer_id: UUID | None
    """Absent of an address that we know of no customer."""
    topic: Topic
    wanted: bool


class MailBounced(Event):
    """A mail server has refused this address for good."""

    subject: ClassVar = "notifications.mail.bounced.v1"
    message_id: UUID
    email: str
    customer_id: UUID | None
    reason: str


class MessagesErased(CustomerErased):
    """Notifications' answer to `ErasureRequested`."""

    subject: ClassVar = "notifications.messages.erased.v1"
