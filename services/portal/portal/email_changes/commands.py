import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.copies import keep_copy
from chassis.database import enter_business, in_transaction
from chassis.outbox import publish_on_commit
from chassis.problems import NotFound
from chassis.runtime import Runtime
from contracts.catalog import Customer as CustomerSnapshot
from contracts.client_requests import ChangeEmailAsCustomer, ProfileReply
from contracts.portal import EmailChanged, EmailChangeRequested
from portal.asking import ask_owner
from portal.copies.models import Business, Customer
from portal.email_changes.models import LIVES, EmailChange
from portal.email_changes.problems import ChangeGone, SameEmail
from portal.portal_sessions.queries import Client
from portal.settings import PortalSettings
from portal.sign_in_links.problems import TooManyLinks
from portal.signed_token import Token, new_token, read_token

MOST = 3
WINDOW = timedelta(minutes=15)


async def ask_for_change(
    session: AsyncSession, settings: PortalSettings, client: Client, email: str, now: datetime
) -> EmailChange:
    """Whether somebody else has the address is found out by whoever confirms it, and told only
    to them.
    """
    if client.customer.email and client.customer.email.casefold() == email.casefold():
        raise SameEmail
    await session.refresh(client.customer, with_for_update={"key_share": True})
    await check_rate(session, client, now)
    await session.execute(
        of_client(update(EmailChange), client)
        .where(EmailChange.confirmed_at.is_(None), EmailChange.ended_at.is_(None))
        .values(ended_at=now)
    )
    token = new_token(client.business_id, uuid4())
    change = EmailChange(
        business_id=client.business_id,
        id=token.id,
        customer_id=client.id,
        new_email=email,
        token_hash=token.digest,
        created_at=now,
        expires_at=now + LIVES,
    )
    session.add(change)
    page = f"{settings.public_url.rstrip('/')}/portal/{client.business.slug}/confirm-email"
    publish_on_commit(
        session,
        EmailChangeRequested(
            **named(client.customer, client.business, now),
            change_id=change.id,
            new_email=email,
            url=f"{page}#token={token.signed('email-change', settings.link_secret)}",
            expires_at=change.expires_at,
        ),
    )
    return change


def of_client(statement: Any, client: Client) -> Any:
    return statement.where(
        EmailChange.business_id == client.business_id, EmailChange.customer_id == client.id
    )


async def check_rate(session: AsyncSession, client: Client, now: datetime) -> None:
    """Each sends a mail to an address that may be anybody's."""
    recent = of_client(select(func.count(), func.min(EmailChange.created_at)), client)
    count, oldest = (
        await session.execute(recent.where(EmailChange.created_at > now - WINDOW))
    ).one()
    if count >= MOST:
        raise TooManyLinks(oldest + WINDOW - now)


def named(customer: Customer, business: Business, now: datetime) -> dict[str, Any]:
    """What every event of ours about a client says."""
    return {
        "occurred_at": now,
        "business_id": business.business_id,
        "customer_id": customer.id,
        "customer_name": customer.name,
        "business_name": business.name,
        "time_zone": business.time_zone,
        "locale": customer.locale or business.locale,
    }


@dataclass(frozen=True)
class Wanted:
    customer_id: UUID
    new_email: str
    old_email: str | None


async def confirm(runtime: Runtime, text: str, now: datetime) -> str:
    """Catalog decides, and is asked by the change's own id: confirmed twice at once, it is one
    change. Refused, the link stays good for another try.
    """
    assert isinstance(runtime.settings, PortalSettings)
    token = read_token(text, "email-change", runtime.settings.link_secret)
    if token is None:
        raise NotFound
    wanted = await in_transaction(runtime.sessions, partial(look, token, now))
    asked = ChangeEmailAsCustomer(
        business_id=token.business_id,
        customer_id=wanted.customer_id,
        request_id=token.id,
        email=wanted.new_email,
    )
    reply = await ask_owner(runtime, asked, ProfileReply)
    settle = partial(conclude, token, wanted, reply.customer, now)
    await in_transaction(runtime.sessions, settle)
    return wanted.new_email


async def look(token: Token, now: datetime, session: AsyncSession) -> Wanted:
    await enter_business(session, token.business_id)
    change = await session.get(EmailChange, token.key)
    if change is None:
        raise ChangeGone(because="expired")
    if not secrets.compare_digest(change.token_hash, token.digest):
        raise NotFound
    change.check_live(now)
    customer = await session.get_one(Customer, (change.business_id, change.customer_id))
    return Wanted(change.customer_id, str(change.new_email), customer.email)


async def conclude(
    token: Token, wanted: Wanted, told: CustomerSnapshot, now: datetime, session: AsyncSession
) -> None:
    await enter_business(session, token.business_id)
    change = await session.get_one(EmailChange, token.key, with_for_update=True)
    if change.confirmed_at is not None:
        return
    change.confirmed_at = now
    customer = await session.get_one(Customer, (token.business_id, wanted.customer_id))
    business = await session.get_one(Business, token.business_id)
    await keep_copy(session, Customer, token.business_id, told)
    publish_on_commit(
        session,
        EmailChanged(
            **named(customer, business, now),
            change_id=change.id,
            old_email=wanted.old_email or wanted.new_email,
            new_email=wanted.new_email,
        ),
    )
