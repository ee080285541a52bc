"""A deposit under the lock of its appointment, and what becomes of the two as money comes and goes.

Whoever decides about a deposit has this lock. When each method is called: `payments/till.py`.
"""

from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business
from chassis.due_rows import Key
from chassis.outbox import publish_on_commit
from contracts.receipts import Receipt as ReceiptSnapshot
from contracts.scheduling import (
    AppointmentCancelled,
    AppointmentConfirmed,
    DepositPaid,
    DepositRefunded,
)
from payments.models import RefundCause, TakenPayment
from scheduling.appointments.announcing import announce, show, snapshot
from scheduling.appointments.models import OPEN, Appointment, Status
from scheduling.claims import commands as claims
from scheduling.copies.models import Business
from scheduling.deposits import receipts
from scheduling.deposits.models import Deposit, Receipt
from scheduling.deposits.problems import DepositNotAwaited
from scheduling.deposits.settling import waive_deposit


async def lock(session: AsyncSession, key: Key, *, wait: bool = True) -> "LockedDeposit | None":
    business_id, id_ = key
    await enter_business(session, business_id)
    appointment = await session.scalar(
        select(Appointment)
        .where(Appointment.business_id == business_id, Appointment.id == id_)
        .with_for_update(key_share=True, skip_locked=not wait)
    )
    if appointment is None:
        return None
    deposit = await session.get(Deposit, key, populate_existing=True)
    if deposit is None:
        return None
    business = await session.get_one(Business, (business_id, business_id))
    return LockedDeposit(appointment, deposit, business)


class LockedDeposit(NamedTuple):
    appointment: Appointment
    demand: Deposit
    business: Business

    @property
    def title(self) -> str:
        return f"{self.appointment.service_name}, {self.business.name}"

    @property
    def email(self) -> str | None:
        return self.appointment.customer_email

    def not_awaited(self) -> DepositNotAwaited:
        return DepositNotAwaited(
            deposit_status=self.appointment.deposit_status,
            appointment_status=self.appointment.status,
        )

    async def why_not_kept(self, session: AsyncSession) -> RefundCause | None:
        """Somebody else's booking, by a clock that is ahead of ours, may have the time already."""
        if self.appointment.deposit_status in ("paid", "forfeited"):
            return RefundCause.NOT_OWED
        if self.appointment.status not in OPEN:
            return RefundCause.PAID_TOO_LATE
        if not await claims.keep(session, self.business.id, self.appointment.id):
            return RefundCause.PAID_TOO_LATE
        return None

    async def keep(self, session: AsyncSession, payment: TakenPayment, now: datetime) -> None:
        appointment, deposit, business = self
        appointment.deposit_becomes("paid")
        confirms = deposit.confirms and appointment.status == Status.PENDING
        if confirms:
            appointment.confirm()
        told = ReceiptSnapshot.model_validate(await self.issue(session, "payment", payment, now))
        if not confirms:
            await announce(session, appointment, business, DepositPaid, now, receipt=told)
            return
        await announce(session, appointment, business, AppointmentConfirmed, now)
        paid = DepositPaid(
            occurred_at=now,
            business_id=business.id,
            appointment=snapshot(appointment, business),
            receipt=told,
        )
        publish_on_commit(session, paid)

    async def let_go(self, session: AsyncSession, now: datetime) -> None:
        """The time itself has been free since its claim expired; now everybody hears of it."""
        appointment, _, business = self
        if appointment.status != Status.PENDING or appointment.deposit_status != "awaited":
            return
        await waive_deposit(session, appointment, now)
        appointment.cancel(now, None)
        await claims.release(session, business.id, appointment.id)
        await announce(
            session,
            appointment,
            business,
            AppointmentCancelled,
            now,
            cancelled_by="business",
            cause="deposit_not_paid",
            was_confirmed=False,
        )

    async def owe_back(self, session: AsyncSession, now: datetime) -> None:
        self.appointment.deposit_becomes("refund_due")
        # A version later than what was announced, or than what was told if it was let go before.
        await session.flush()
        await show(session, self.appointment, now)

    async def refunded(self, session: AsyncSession, payment: TakenPayment, now: datetime) -> None:
        appointment, _, business = self
        receipt = await self.issue(session, "refund", payment, now)
        if appointment.deposit_status in ("refund_due", "paid") and payment.was_owed:
            appointment.deposit_becomes("refunded")
        await announce(
            session,
            appointment,
            business,
            DepositRefunded,
            now,
            receipt=ReceiptSnapshot.model_validate(receipt),
            cause=payment.refund_cause,
        )

    async def issue(
        self,
        session: AsyncSession,
        kind: Literal["payment", "refund"],
        payment: TakenPayment,
        now: datetime,
    ) -> Receipt:
        return await receipts.issue(session, kind, payment, self.appointment, now)
