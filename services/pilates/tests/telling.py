"""What pilates has told the others, as its outbox has it."""

from typing import TypeVar

from chassis.outbox import OutboxMessage
from contracts.event import Event
from services.pilates.tests.studio import Studio

Told = TypeVar("Told", bound=Event)


async def events(studio: Studio, event_type: type[Told]) -> list[Told]:
    """The oldest first."""
    kept = await studio.rows(OutboxMessage, studio.id)
    address = f"{event_type.subject}.{studio.id}"
    return [
        event_type.model_validate_json(message.body)
        for message in sorted(kept, key=lambda message: message.position)
        if message.address == address
    ]
