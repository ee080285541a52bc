import hmac
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal
from chassis.database import enter_business
from chassis.pages import read_page
from chassis.problems import NotFound
from scheduling.appointments.models import Appointment
from scheduling.deposits.link import Link, read_link
from scheduling.deposits.models import Deposit, Receipt
from scheduling.deposits.schemas import DepositView, ReceiptFilter


def link_in(secret: str) -> Link:
    """Raises NotFound for what cannot be one of ours."""
    link = read_link(secret)
    if link is None:
        raise NotFound
    return link


async def named_deposit(session: AsyncSession, link: Link) -> Deposit:
    """Whoever has the link may know and pay it; raises NotFound for a link that we never gave."""
    await enter_business(session, link.business_id)
    deposit = await session.get(Deposit, (link.business_id, link.deposit_id))
    if deposit is None or not hmac.compare_digest(deposit.link_digest, link.digest):
        raise NotFound
    return deposit


async def read_deposit(session: AsyncSession, link: Link) -> DepositView:
    deposit = await named_deposit(session, link)
    appointment = await session.get_one(Appointment, (link.business_id, link.deposit_id))
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
