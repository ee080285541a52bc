"""What becomes of a drop-in when its places are given up, or stand without it.

Call these under the session's lock, and before the places are announced.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.pilates import PlaceChanged
from payments.models import RefundCause
from payments.refunding import give_back_what_was_kept
from pilates.attendances.announcing import announce
from pilates.attendances.holding import HeldSession
from pilates.attendances.models import Attendance, PaidWith
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Business
from pilates.drop_ins.models import DropIn, Payment
from pilates.drop_ins.problems import PaidTogether


async def settle_drop_in(
    session: AsyncSession, attendance: Attendance, now: datetime, *, late: bool
) -> None:
    """Of a place that is being given up; `late` forfeits what was paid, else it goes back."""
    if attendance.payment_status == "awaited":
        attendance.payment_becomes("none")
        await forget(session, attendance, now)
    elif attendance.payment_status == "paid" and late:
        attendance.payment_becomes("forfeited")
    elif attendance.payment_status == "paid":
        attendance.payment_becomes("refund_due")
        party = (attendance.business_id, attendance.party_id)
        await give_back_what_was_kept(session, Payment, party, RefundCause.CANCELLED, now)


async def forget(session: AsyncSession, attendance: Attendance, now: datetime) -> None:
    """Nobody is to pay it any more."""
    party = (attendance.business_id, attendance.party_id)
    drop_in = await session.get_one(DropIn, party)
    drop_in.forget(now)


async def do_without(
    session: AsyncSession, held: HeldSession, attendance: Attendance, now: datetime
) -> None:
    """Its person is at the studio by now, and so is the money: the whole party is paid for there.

    What is paid online all the same is welcome as long as they have their places.
    """
    if attendance.payment_status != "awaited":
        return
    await forget(session, attendance, now)
    party = party_of(held, attendance)
    for place in party:
        place.stand(PaidWith.AT_STUDIO)
    await session.flush()
    for place in party:
        if place is not attendance:
            await tell_of_payment(session, place, held.row, held.business, now)


async def tell_of_payment(
    session: AsyncSession,
    place: Attendance,
    row: ClassSession,
    business: Business,
    now: datetime,
    *,
    notify_customer: bool = False,
) -> None:
    """Of a place that somebody else pays for; whoever pays hears of the payment itself."""
    await announce(
        session,
        place,
        row,
        business,
        PlaceChanged,
        now,
        cause="payment",
        notify_customer=notify_customer,
    )


def check_paid_together(held: HeldSession, going: Sequence[Attendance]) -> None:
    """Raises PaidTogether where somebody would be left whom the same payment is for."""
    party = party_of(held, going[0])
    if going[0].has_drop_in and len(party) > len(going):
        raise PaidTogether(
            "They are cancelled together, by `whole_party`.",
            attendance_ids=[str(one.id) for one in party],
        )


def party_of(held: HeldSession, attendance: Attendance) -> list[Attendance]:
    """Those of it who have a place."""
    return [one for one in held.attendances if one.party_id == attendance.party_id]
