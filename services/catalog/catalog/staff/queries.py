from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.services.models import Offer
from catalog.staff.models import StaffMember
from catalog.staff.schemas import StaffFilter
from chassis.pages import read_page
from chassis.problems import NotFound


async def read(session: AsyncSession, business_id: UUID, staff_id: UUID) -> StaffMember:
    member = await session.get(StaffMember, (business_id, staff_id))
    if member is None:
        raise NotFound
    return member


async def find(
    session: AsyncSession, business_id: UUID, wanted: StaffFilter
) -> tuple[list[StaffMember], str | None]:
    staff = select(StaffMember).where(StaffMember.business_id == business_id)
    if not wanted.archived:
        staff = staff.where(StaffMember.archived_at.is_(None))
    if wanted.status:
        staff = staff.where(StaffMember.status == wanted.status)
    if wanted.service_id:
        staff = staff.where(StaffMember.offers.any(Offer.service_id == wanted.service_id))
    if wanted.q:
        staff = staff.where(
            or_(
                StaffMember.name.icontains(wanted.q, autoescape=True),
                StaffMember.email.icontains(wanted.q, autoescape=True),
            )
        )
    return await read_page(session, staff, (StaffMember.name, StaffMember.id), wanted)
