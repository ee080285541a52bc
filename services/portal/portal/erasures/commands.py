from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import publish_on_commit
from clients.mentions import forget_mentions
from contracts.event import publisher
from contracts.portal import CustomerErased, ErasureCompleted, ErasureRequested
from portal.bookings import queries as bookings
from portal.bookings.models import Booking
from portal.copies.models import Business, Customer
from portal.email_changes.models import EmailChange
from portal.erasures.models import Erasure
from portal.erasures.problems import BookingsAhead, ErasureUnderWay
from portal.feeds.models import ClientFeed
from portal.packages.models import LedgerEntry, Package
from portal.portal_sessions.models import PortalSession
from portal.portal_sessions.queries import Client
from portal.receipts.models import Receipt
from portal.sign_in_links.models import MagicLink
from portal.waitlist import queries as waitlist
from portal.waitlist.models import WaitlistEntry

ERASED = "—"
"""In place of a name that has to stay readable, as on a receipt that the studio must keep."""


def answers() -> list[type[CustomerErased]]:
    """One a service that knows customers, by the promise that it has made."""
    return CustomerErased.__subclasses__()


async def ask_for_erasure(session: AsyncSession, client: Client, now: datetime) -> Erasure:
    if ahead := await bookings.lies_ahead(session, client, now):
        raise BookingsAhead(bookings=ahead)
    if waiting := len(await waitlist.find(session, client, now)):
        raise BookingsAhead("Leave the waitlists first.", bookings=waiting)
    values = {
        "business_id": client.business_id,
        "id": uuid4(),
        "customer_id": client.id,
        "customer_name": client.customer.name,
        "email": client.customer.email,
        "locale": client.customer.locale or client.business.locale,
        "requested_at": now,
        "awaiting": sorted(publisher(event) for event in answers()),
    }
    asked = insert(Erasure).values(values).on_conflict_do_nothing().returning(Erasure)
    erasure: Erasure | None = await session.scalar(asked)
    if erasure is None:
        raise ErasureUnderWay
    publish_on_commit(
        session,
        ErasureRequested(
            occurred_at=now,
            business_id=client.business_id,
            erasure_id=erasure.id,
            customer_id=client.id,
            email=client.customer.email,
        ),
    )
    return erasure


async def note_answer(session: AsyncSession, event: CustomerErased) -> None:
    """The last answer completes it: the portal forgets too, and says so."""
    key = (event.business_id, event.erasure_id)
    erasure = await session.get(Erasure, key, with_for_update=True)
    if erasure is None or erasure.completed_at is not None:
        return
    answered = publisher(type(event))
    erasure.awaiting = [name for name in erasure.awaiting if name != answered]
    if not erasure.awaiting:
        await complete(session, erasure, event.occurred_at)


async def complete(session: AsyncSession, erasure: Erasure, now: datetime) -> None:
    await forget(session, erasure)
    business = await session.get_one(Business, erasure.business_id)
    publish_on_commit(
        session,
        ErasureCompleted(
            occurred_at=now,
            business_id=erasure.business_id,
            customer_id=erasure.customer_id,
            customer_name=erasure.customer_name,
            business_name=business.name,
            time_zone=business.time_zone,
            locale=erasure.locale,
            erasure_id=erasure.id,
            email=str(erasure.email) if erasure.email else None,
        ),
    )
    erasure.customer_name, erasure.email, erasure.completed_at = ERASED, None, now


async def forget(session: AsyncSession, erasure: Erasure) -> None:
    """All that names the client; of receipts, which the studio must keep, their name."""
    words = [str(erasure.customer_id), *([str(erasure.email)] if erasure.email else [])]
    await forget_mentions(session, erasure.business_id, words)
    owned = (Booking, WaitlistEntry, Package, LedgerEntry, ClientFeed, EmailChange, MagicLink)
    for model in (*owned, PortalSession):
        await session.execute(
            delete(model).where(
                model.business_id == erasure.business_id,
                model.customer_id == erasure.customer_id,
            )
        )
    await session.execute(
        update(Receipt)
        .where(
            Receipt.business_id == erasure.business_id,
            Receipt.customer_id == erasure.customer_id,
        )
        .values(customer_name=ERASED, customer_email=None)
    )
    await session.execute(
        update(Customer)
        .where(Customer.business_id == erasure.business_id, Customer.id == erasure.customer_id)
        .values(name=ERASED, email=None, phone=None)
    )
