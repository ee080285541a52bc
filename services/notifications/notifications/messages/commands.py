from datetime import datetime
from uuid import UUID

from opentelemetry import propagate
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import audit
from chassis.auth import Principal
from chassis.problems import NotFound
from contracts.catalog import MemberInvited
from contracts.scheduling import (
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentEvent,
    AppointmentRequested,
    AppointmentRescheduled,
)
from notifications.copies.models import Business
from notifications.mails.kinds import AppointmentFacts, Facts, Kind, MemberInvitedFacts
from notifications.messages.models import Message
from notifications.messages.problems import MessageOvertaken
from notifications.one_line import one_line

KINDS: dict[type[AppointmentEvent], Kind] = {
    AppointmentRequested: Kind.APPOINTMENT_REQUESTED,
    AppointmentConfirmed: Kind.APPOINTMENT_CONFIRMED,
    AppointmentRescheduled: Kind.APPOINTMENT_RESCHEDULED,
    AppointmentCancelled: Kind.APPOINTMENT_CANCELLED,
}


async def tell_customer(session: AsyncSession, event: AppointmentEvent) -> None:
    """Queue a mail, unless the studio wants silence or what it would speak of is over."""
    booked = event.appointment
    if not event.notify_customer or not booked.customer_email:
        return
    if booked.ends_at <= event.occurred_at:
        return
    business = await session.get(Business, event.business_id)
    facts = AppointmentFacts.model_validate(
        event.model_dump()
        | {
            "business_name": booked.business_name,
            "locale": booked.locale,
            "reply_to": business.email if business else None,
        }
    )
    await queue(
        session,
        business_id=event.business_id,
        kind=KINDS[type(event)],
        about=booked.id,
        version=booked.version,
        recipient=booked.customer_email,
        facts=facts,
        dated_at=event.occurred_at,
    )


async def invite_member(session: AsyncSession, event: MemberInvited) -> None:
    business = await session.get(Business, event.business_id)
    facts = MemberInvitedFacts(
        business_name=event.business_name,
        locale=event.locale,
        reply_to=business.email if business else None,
        time_zone=business.time_zone if business else "UTC",
        accept_url=event.accept_url,
        expires_at=event.expires_at,
    )
    await queue(
        session,
        business_id=event.business_id,
        kind=Kind.MEMBER_INVITED,
        about=event.invitation_id,
        version=1,
        recipient=event.email,
        facts=facts,
        dated_at=event.occurred_at,
    )


async def queue(
    session: AsyncSession,
    *,
    business_id: UUID,
    kind: Kind,
    about: UUID,
    version: int,
    recipient: str,
    facts: Facts,
    dated_at: datetime,
) -> None:
    """Say it once: the inbox knows events, this knows what was said of which version."""
    headers: dict[str, str] = {}
    propagate.inject(headers)
    statement = insert(Message).values(
        business_id=business_id,
        kind=kind,
        about=about,
        version=version,
        recipient=one_line(recipient),
        context=facts.stored(),
        headers=headers,
        dated_at=dated_at,
    )
    await session.execute(statement.on_conflict_do_nothing(constraint="told_once"))


async def send_again(
    session: AsyncSession, caller: Principal, message_id: UUID, now: datetime
) -> Message:
    """Queue the message once more, as a new one; its recipient gets a second mail."""
    said = await session.get(
        Message, (caller.business_id, message_id), with_for_update={"key_share": True}
    )
    if said is None:
        raise NotFound
    said.check_repeatable(now)
    same = (Message.business_id == caller.business_id, Message.about == said.about)
    if (await session.scalar(select(func.max(Message.version)).where(*same)) or 0) > said.version:
        raise MessageOvertaken
    copies = select(func.max(Message.copy)).where(
        *same, Message.kind == said.kind, Message.version == said.version
    )
    headers: dict[str, str] = {}
    propagate.inject(headers)
    again = Message(
        business_id=caller.business_id,
        kind=said.kind,
        about=said.about,
        version=said.version,
        copy=(await session.scalar(copies) or 0) + 1,
        recipient=said.recipient,
        context=said.context,
        headers=headers,
        dated_at=now,
    )
    session.add(again)
    await session.flush()
    after = {"message_id": str(again.id)}
    audit.record(session, caller, "message.sent_again", said.id, after=after, at=now)
    return again
