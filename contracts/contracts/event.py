"""The envelope every event shares."""

from typing import ClassVar
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Snapshot(BaseModel):
    """A thing as it stood when the event left; readers ignore fields they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)


class Event(Snapshot):
    """A fact, named in the past tense, that another service may rely on.

    Within one subject version, fields are only ever added. An event carries the whole fact, so
    that a listener never has to ask back.
    """

    subject: ClassVar[str]
    """`<service>.<noun>.<past verb>.v1`; on the wire the business id is its last token."""

    event_id: UUID = Field(default_factory=uuid4)
    occurred_at: AwareDatetime
    business_id: UUID

    @property
    def address(self) -> str:
        return f"{self.subject}.{self.business_id}"


def publisher(event: type[Event]) -> str:
    """The service whose stream holds this event."""
    return event.subject.partition(".")[0]
