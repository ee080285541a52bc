"""What a customer may book: what the business offers on one of its published pages."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import NotFound
from chassis.runtime import Runtime
from contracts.catalog import CustomQuestion
from contracts.client_requests import (
    AppointmentSlot,
    AppointmentSlots,
    OfCustomer,
    ReadServicesForCustomer,
    ReadServiceSlots,
    ServiceForCustomer,
    ServicesForCustomer,
)
from scheduling.client_requests.slots import MOST_SLOTS, instant, names_of
from scheduling.copies.models import BookingPage, Business, Customer, Service
from scheduling.copies.queries import Offer, known
from scheduling.deposits.asking import terms_of
from scheduling.slots import queries
from scheduling.slots.schemas import AvailabilityQuery

MOST_SERVICES = 200


async def asking_customer(session: AsyncSession, asked: OfCustomer) -> Customer:
    runtime = session.info["runtime"]
    return await known(session, runtime, Customer, asked.business_id, asked.customer_id)


async def offer_of(session: AsyncSession, business_id: UUID, service_id: UUID) -> Offer:
    """As the oldest page sells it that has it: its questions, and its deposit.

    Raises NotFound for what no page has, which is the studio's alone to book.
    """
    runtime = session.info["runtime"]
    offering = [
        page for page in await pages(session, business_id) if service_id in page.service_ids
    ]
    if not offering:
        raise NotFound
    business = await known(session, runtime, Business, business_id, business_id)
    return Offer(
        offering[0], business, await known(session, runtime, Service, business_id, service_id)
    )


async def pages(session: AsyncSession, business_id: UUID) -> Sequence[BookingPage]:
    found = await session.scalars(
        select(BookingPage)
        .where(
            BookingPage.business_id == business_id,
            BookingPage.published,
            BookingPage.archived_at.is_(None),
        )
        .order_by(BookingPage.id)
    )
    return found.all()


async def read_services(
    session: AsyncSession, asked: ReadServicesForCustomer
) -> ServicesForCustomer:
    runtime, now = session.info["runtime"], session.info["clock"]()
    await asking_customer(session, asked)
    business = await known(session, runtime, Business, asked.business_id, asked.business_id)
    sold_on: dict[UUID, BookingPage] = {}
    for page in await pages(session, asked.business_id):
        for service_id in page.service_ids:
            sold_on.setdefault(service_id, page)
    found = await session.scalars(
        select(Service)
        .where(
            Service.business_id == asked.business_id,
            Service.id.in_(list(sold_on)),
            Service.archived_at.is_(None),
        )
        .order_by(Service.name, Service.id)
        .limit(MOST_SERVICES)
    )
    offers = [Offer(sold_on[service.id], business, service) for service in found]
    return ServicesForCustomer(services=[await shown(session, runtime, one, now) for one in offers])


async def shown(
    session: AsyncSession, runtime: Runtime, offer: Offer, now: datetime
) -> ServiceForCustomer:
    service = offer.service
    return ServiceForCustomer(
        id=service.id,
        name=service.name,
        lasts_minutes=service.duration_minutes,
        price_cents=service.price_cents,
        currency=offer.business.currency,
        credit_cost=service.credit_cost,
        deposit_cents=terms_of(runtime, offer.page, service, now).cents,
        requires_approval=service.requires_approval,
        cancellation_window_minutes=service.cancellation_window_minutes,
        questions=questions_of(offer),
        staff=await names_of(session, service.business_id, service.staff_ids),
    )


def questions_of(offer: Offer) -> list[CustomQuestion]:
    asked = [*offer.service.questions, *offer.page.questions]
    return [CustomQuestion.model_validate(question) for question in asked]


async def read_service_slots(session: AsyncSession, asked: ReadServiceSlots) -> AppointmentSlots:
    """Raises ValidationError, which is an invalid request, for a range that is none or too long."""
    now = session.info["clock"]()
    _, business, service = await offer_of(session, asked.business_id, asked.service_id)
    await asking_customer(session, asked)
    wanted = AvailabilityQuery(
        begins=asked.begins,
        ends=asked.ends,
        service_id=asked.service_id,
        staff_id=asked.staff_id,
    )
    free = (await queries.find(session, business, service, wanted, now, public=True)).starts
    starts = sorted(free)
    people = [asked.staff_id] if asked.staff_id else service.staff_ids
    return AppointmentSlots(
        lasts_minutes=service.duration_minutes,
        staff=await names_of(session, asked.business_id, people),
        slots=[
            AppointmentSlot(starts_at=instant(one), staff_ids=[UUID(id_) for id_ in free[one]])
            for one in starts[:MOST_SLOTS]
        ],
        more_from=instant(starts[MOST_SLOTS]) if len(starts) > MOST_SLOTS else None,
    )
