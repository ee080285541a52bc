"""What is said to clients of their own doing in the portal."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.portal import (
    ClientEvent,
    EmailChanged,
    EmailChangeRequested,
    ErasureCompleted,
    MagicLinkRequested,
)
from notifications.mails.kinds import Kind
from notifications.messages.letterhead import Reader
from notifications.messages.queueing import Sender, Subject, say


async def send_magic_link(session: AsyncSession, event: MagicLinkRequested) -> None:
    await write(session, Kind.MAGIC_LINK, event, event.email, event.link_id)


async def ask_new_address(session: AsyncSession, event: EmailChangeRequested) -> None:
    await write(session, Kind.EMAIL_CHANGE, event, event.new_email, event.change_id)


async def warn_old_address(session: AsyncSession, event: EmailChanged) -> None:
    await write(session, Kind.EMAIL_CHANGED, event, event.old_email, event.change_id)


async def confirm_erasure(session: AsyncSession, event: ErasureCompleted) -> None:
    """Of nobody whom we still know: this row goes too, once its mail has left."""
    if event.email:
        nobody = event.model_copy(update={"customer_id": None})
        await write(session, Kind.ERASURE_COMPLETED, nobody, event.email, event.erasure_id)


async def write(
    session: AsyncSession, kind: Kind, event: ClientEvent, email: str, about: UUID
) -> None:
    told: dict[str, Any] = event.model_dump()
    await say(
        session,
        kind,
        Sender(event.business_id, event.business_name, event.locale),
        Reader(email, event.customer_id, is_customer=kind is not Kind.ERASURE_COMPLETED),
        Subject(about, 1),
        told,
        at=event.occurred_at,
    )
