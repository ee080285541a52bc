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
from contracts.event import Event
from contracts.scheduling import (
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentEvent,
    AppointmentReopened,
    AppointmentRequested,
    AppointmentRescheduled,
    DepositPaid,
    DepositRefunded,
)
from notifications.copies.models import Business
from notifications.mails.kinds import (
    AppointmentFacts,
    Facts,
    Kind,
    MemberInvitedFacts,
    ReceiptFacts,
)
from notifications.messages.models import NO_RECEIPT, Message
from notifications.messages.problems import MessageOvertaken
from notifications.one_line import one_line

KINDS: dict[type[Event], Kind] = {
    AppointmentRequested: Kind.APPOINTMENT_REQUESTED,
    AppointmentConfirmed: Kind.APPOINTMENT_CONFIRMED,
    AppointmentRescheduled: Kind.APPOINTMENT_RESCHEDULED,
    AppointmentCancelled: Kind.APPOINTMENT_CANCELLED,
    AppointmentReopened: Kind.APPOINTMENT_REOPENED,
    DepositPaid: Kind.DEPOSIT_PAID,
    DepositRefunded: Kind.DEPOSIT_REFUNDED,
}


async def tell_customer(session: AsyncSession, event: AppointmentEvent) -> None:
    """Queue a mail, unless the studio wants silence or what it would speak of is over."""
    booked = event.appointment
    if not event.notify_customer or not booked.customer_email:
        return
    if booked.ends_at <= event.occurred_at:
        return
    facts = AppointmentFacts.model_validate(event.model_dump() | await sender_of(session, event))
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


async def send_receipt(session: AsyncSession, event: DepositPaid | DepositRefunded) -> None:
    """Whatever the studio wants said of the appointment: who paid gets the record of it."""
    booked = event.appointment
    if not booked.customer_email:
        return
    told = event.model_dump() | await sender_of(session, event)
    await queue(
        session,
        business_id=event.business_id,
        kind=KINDS[type(event)],
        about=booked.id,
        version=booked.version,
        receipt_number=event.receipt.number,
        recipient=booked.customer_email,
        facts=ReceiptFacts.model_validate(told),
        dated_at=event.occurred_at,
    )


async def sender_of(
    session: AsyncSession, event: AppointmentEvent | DepositPaid | DepositRefunded
) -> dict[str, object]:
    booked = event.appointment
    business = await session.get(Business, event.business_id)
    return {
        "business_name": booked.business_name,
        "locale": booked.locale,
        "reply_to": business.email if business else None,
    }


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
    receipt_number: int = NO_RECEIPT,
) -> None:
    """Say it once: the inbox knows events, this knows what was said of which version."""
    headers: dict[str, str] = {}
    propagate.inject(headers)
    statement = insert(Message).values(
        business_id=business_id,
        kind=kind,
        about=about,
        version=version,
        receipt_number=receipt_number,
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
    later = select(Message.id).where(
        *same, Message.version > said.version, Message.receipt_number == NO_RECEIPT
    )
    if said.receipt_number == NO_RECEIPT and await session.scalar(later.limit(1)):
        raise MessageOvertaken
    copies = select(func.max(Message.copy)).where(
        *same,
        Message.kind == said.kind,
        Message.version == said.version,
        Message.receipt_number == said.receipt_number,
    )
    headers: dict[str, str] = {}
    propagate.inject(headers)
    again = Message(
        business_id=caller.business_id,
        kind=said.kind,
        about=said.about,
        version=said.version,
        receipt_number=said.receipt_number,
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
