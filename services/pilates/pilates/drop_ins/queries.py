from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.due_rows import Key
from payments.link import Link
from payments.queries import demand_of
from payments.till import Paid
from pilates.attendances.models import Attendance, Status
from pilates.class_sessions.models import ClassSession
from pilates.copies.models import Business
from pilates.drop_ins.models import DropIn
from pilates.drop_ins.schemas import DropInView


async def read_drop_in(session: AsyncSession, link: Link, now: datetime) -> DropInView:
    """As the clock has it: what was not paid in time is gone, whether or not it was swept."""
    drop_in = await demand_of(session, DropIn, link)
    payer = await session.get_one(Attendance, (link.business_id, drop_in.attendance_id))
    row = await session.get_one(ClassSession, (link.business_id, payer.session_id))
    labels = await session.scalars(
        select(Attendance.spot_label)
        .where(
            Attendance.business_id == link.business_id,
            Attendance.party_id == drop_in.id,
        )
        .order_by(Attendance.id != payer.id, Attendance.id)
    )
    spots = labels.all()
    is_gone = drop_in.is_late(now)
    return DropInView(
        payment_status="none" if is_gone else payer.payment_status,
        amount_cents=drop_in.amount_cents,
        currency=drop_in.currency,
        pay_by=None if is_gone else payer.pay_by,
        attendance_status=Status.CANCELLED if is_gone else payer.status,
        places=len(spots),
        spot_labels=[label for label in spots if label],
        class_name=row.name,
        instructor_name=row.instructor_name,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )


async def read_paid(session: AsyncSession, key: Key) -> Paid:
    business_id, _ = key
    drop_in = await session.get_one(DropIn, key)
    payer = await session.get_one(Attendance, (business_id, drop_in.attendance_id))
    row = await session.get_one(ClassSession, (business_id, payer.session_id))
    business = await session.get_one(Business, business_id)
    return Paid(
        business_name=business.name,
        locale=business.locale,
        time_zone=business.time_zone,
        what=row.name,
        starts_at=row.starts_at,
        status=payer.payment_status,
        is_on=payer.status not in (Status.CANCELLED, Status.LATE_CANCELLED),
    )
