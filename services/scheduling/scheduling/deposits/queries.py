from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from chassis.due_rows import Key
from chassis.pages import read_page
from chassis.problems import NotFound
from payments.link import Link
from payments.queries import demand_of
from payments.till import Paid
from scheduling.appointments.models import Appointment, Status
from scheduling.copies.models import Business
from scheduling.deposits.models import Deposit, Receipt
from scheduling.deposits.schemas import DepositView, ReceiptFilter


async def read_deposit(session: AsyncSession, link: Link) -> DepositView:
    deposit = await demand_of(session, Deposit, link)
    appointment = await session.get_one(Appointment, link.key)
    return DepositView(
        deposit_status=appointment.deposit_status,
        deposit_cents=deposit.amount_cents,
        currency=deposit.currency,
        pay_by=appointment.pay_by,
        appointment_status=appointment.status,
        service_name=appointment.service_name,
        staff_name=appointment.staff_name,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
    )


async def read_paid(session: AsyncSession, key: Key) -> Paid:
    business_id, _ = key
    appointment = await session.get_one(Appointment, key)
    business = await session.get_one(Business, (business_id, business_id))
    return Paid(
        business_name=business.name,
        locale=business.locale,
        time_zone=business.time_zone,
        what=appointment.service_name,
        starts_at=appointment.starts_at,
        status=appointment.deposit_status,
        is_on=appointment.status != Status.CANCELLED,
    )


async def find_receipts(
    session: AsyncSession, caller: Principal, wanted: ReceiptFilter
) -> tuple[list[Receipt], str | None]:
    found = select(Receipt).where(Receipt.business_id == caller.business_id)
    for name in ("appointment_id", "kind"):
        if (value := getattr(wanted, name)) is not None:
            found = found.where(getattr(Receipt, name) == value)
    return await read_page(session, found, (Receipt.number,), wanted)


async def read_receipt(session: AsyncSession, caller: Principal, receipt_id: UUID) -> Receipt:
    receipt = await session.get(Receipt, (caller.business_id, receipt_id))
    if receipt is None:
        raise NotFound
    return receipt
