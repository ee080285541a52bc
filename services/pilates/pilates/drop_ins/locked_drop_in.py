"""A drop-in under the lock of its session, and what becomes of the places as money comes and goes.

Whoever decides about a drop-in has this lock. When each method is called: `payments/till.py`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business
from chassis.due_rows import Key
from chassis.problems import TryAgain
from contracts.pilates import DropInPaid, DropInRefunded, PlaceEvent
from payments.models import RefundCause, TakenPayment
from pilates.attendances.announcing import announce
from pilates.attendances.holding import lock_credits, look_at
from pilates.attendances.keeping_current import bring_up_to_date, finish
from pilates.attendances.models import TAKEN, Attendance, PaidWith
from pilates.class_sessions.announcing import about
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Business
from pilates.drop_ins.models import DropIn
from pilates.drop_ins.problems import DropInNotAwaited
from pilates.drop_ins.settling import tell_of_payment
from pilates.receipts.issuing import Paid, issue, snapshot
from pilates.receipts.models import Receipt

TIMES = "\N{MULTIPLICATION SIGN}"


async def lock(session: AsyncSession, key: Key, *, wait: bool = True) -> "LockedDropIn | None":
    """Raises TryAgain if its places went to another session while we waited for theirs."""
    business_id, party_id = key
    await enter_business(session, business_id)
    drop_in = await session.get(DropIn, key)
    if drop_in is None:
        return None
    payer = await session.get_one(
        Attendance, (business_id, drop_in.attendance_id), populate_existing=True
    )
    row = await session.scalar(
        select(ClassSession)
        .where(ClassSession.business_id == business_id, ClassSession.id == payer.session_id)
        .with_for_update(key_share=True, skip_locked=not wait)
        .execution_options(populate_existing=True)
    )
    if row is None:
        return None
    party = await session.scalars(
        select(Attendance)
        .where(Attendance.business_id == business_id, Attendance.party_id == party_id)
        .order_by(Attendance.id != drop_in.attendance_id, Attendance.id)
        .execution_options(populate_existing=True)
    )
    places = party.all()
    if any(place.session_id != row.id for place in places):
        raise TryAgain
    await session.refresh(drop_in)
    business = await session.get_one(Business, business_id)
    return LockedDropIn(row, places, drop_in, business)


class LockedDropIn(NamedTuple):
    row: ClassSession
    places: Sequence[Attendance]
    """Of the whole party, the payer's first; also those that were given up."""
    demand: DropIn
    business: Business

    @property
    def title(self) -> str:
        return f"{self.what}, {self.business.name}"

    @property
    def what(self) -> str:
        classes = about(self.row, self.business)
        return f"{len(self.places)} {TIMES} {classes}" if len(self.places) > 1 else classes

    @property
    def email(self) -> str | None:
        return self.places[0].payer_email

    def not_awaited(self) -> DropInNotAwaited:
        payer = self.places[0]
        return DropInNotAwaited(payment_status=payer.payment_status, attendance_status=payer.status)

    async def why_not_kept(self, session: AsyncSession) -> RefundCause | None:  # noqa: ARG002
        """By a clock that is ahead of ours, they may have been let go already."""
        if any(place.payment_status in ("paid", "forfeited") for place in self.places):
            return RefundCause.NOT_OWED
        if any(place.status not in TAKEN for place in self.places):
            return RefundCause.PAID_TOO_LATE
        return None

    async def keep(self, session: AsyncSession, payment: TakenPayment, now: datetime) -> None:
        for place in self.places:
            place.stand(PaidWith.DROP_IN)
        receipt = snapshot(await self.issue(session, "payment", payment, now))
        await self._tell(session, DropInPaid, now, receipt=receipt)
        await self._tell_others(session, now, notify=True)

    async def let_go(self, session: AsyncSession, now: datetime) -> None:
        """They have been free since the deadline; now everybody hears of it, and moves up."""
        if not any(place.is_unpaid(now) for place in self.places):
            return
        held = await look_at(session, self.business, self.row)
        await lock_credits(session, [held], [], frees_a_place=True)
        await bring_up_to_date(session, held, now)
        finish(session, held, now)

    async def owe_back(self, session: AsyncSession, now: datetime) -> None:  # noqa: ARG002
        for place in self.places:
            if place.status not in TAKEN:
                place.payment_becomes("refund_due")
        # A version later than what was announced as it was let go.
        await session.flush()

    async def refunded(self, session: AsyncSession, payment: TakenPayment, now: datetime) -> None:
        receipt = snapshot(await self.issue(session, "refund", payment, now))
        if payment.was_owed:
            for place in self.places:
                if place.payment_status in ("refund_due", "paid", "forfeited"):
                    place.payment_becomes("refunded")
        await session.flush()
        cause = payment.refund_cause
        await self._tell(session, DropInRefunded, now, receipt=receipt, cause=cause)
        if payment.was_owed:
            await self._tell_others(session, now, notify=False)

    async def issue(
        self,
        session: AsyncSession,
        kind: Literal["payment", "refund"],
        payment: TakenPayment,
        now: datetime,
    ) -> Receipt:
        payer = self.places[0]
        paid = Paid(
            amount_cents=payment.amount_cents,
            currency=payment.currency,
            paid_with="online",
            about=self.what,
            customer_id=payer.payer_id,
            customer_name=payer.customer_name,
            attendance_id=payer.id,
            payment_id=payment.id,
        )
        return await issue(session, self.business.business_id, kind, paid, now)

    async def _tell(
        self, session: AsyncSession, fact_type: type[PlaceEvent], now: datetime, **told: Any
    ) -> None:
        payer = self.places[0]
        await announce(session, payer, self.row, self.business, fact_type, now, **told)

    async def _tell_others(self, session: AsyncSession, now: datetime, *, notify: bool) -> None:
        """The receipt is the payer's; whoever came along by name hears of it as well."""
        for place in self.places[1:]:
            told = notify and place.customer_email is not None
            await tell_of_payment(
                session, place, self.row, self.business, now, notify_customer=told
            )
