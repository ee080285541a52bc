"""What customers change of themselves through the portal."""

from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.businesses.queries import region
from catalog.customers.commands import snapshot
from catalog.customers.models import Customer
from catalog.customers.phone import to_e164
from catalog.customers.schemas import CustomerWrite
from chassis.audit import AuditEntry
from chassis.clock import Clock
from chassis.outbox import publish_on_commit
from chassis.preconditions import check_version
from chassis.problems import InvalidRequest, NotFound
from clients.answered_once import once
from contracts.catalog import Customer as CustomerSnapshot
from contracts.client_requests import (
    ChangeEmailAsCustomer,
    ChangeProfileAsCustomer,
    OfCustomer,
    ProfileReply,
    ReadProfile,
)


async def read_profile(session: AsyncSession, asked: ReadProfile) -> ProfileReply:
    return reply_with(await present(session, asked))


@once(ProfileReply)
async def change_profile(
    session: AsyncSession, asked: ChangeProfileAsCustomer, clock: Clock
) -> ProfileReply:
    customer = await present(session, asked, lock=True)
    check_version(customer.version, asked.version_seen)
    values = asked.model_dump(
        include={"name", "phone", "locale", "time_zone", "contact_preferences"}
    )
    return await change(session, customer, "customer.profile_changed", values, clock)


@once(ProfileReply)
async def change_email(
    session: AsyncSession, asked: ChangeEmailAsCustomer, clock: Clock
) -> ProfileReply:
    """Raises CustomerEmailTaken, which whoever confirms the address may know."""
    customer = await present(session, asked, lock=True)
    values = {"email": asked.email}
    return await change(session, customer, "customer.email_changed", values, clock)


async def present(session: AsyncSession, asked: OfCustomer, *, lock: bool = False) -> Customer:
    key = (asked.business_id, asked.customer_id)
    how: Any = {"key_share": True} if lock else None
    customer = await session.get(Customer, key, with_for_update=how)
    if customer is None or customer.archived_at:
        raise NotFound
    return customer


async def change(
    session: AsyncSession,
    customer: Customer,
    action: str,
    values: dict[str, Any],
    clock: Clock,
) -> ProfileReply:
    """To the same bounds as the studio's own changes."""
    before, now = snapshot(customer), clock()
    known = {name: before[name] for name in CustomerWrite.model_fields if name in before}
    checked = await check(session, customer, known | values)
    wanted = {name: value for name, value in checked.items() if name in values}
    publish_on_commit(session, customer.change(wanted, now))
    await session.flush()
    after = snapshot(customer)
    changed = [name for name in after if before[name] != after[name]]
    session.add(
        AuditEntry(
            business_id=customer.business_id,
            actor=f"customer:{customer.id}",
            action=action,
            subject_id=customer.id,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
            at=now,
        )
    )
    return reply_with(customer)


async def check(
    session: AsyncSession, customer: Customer, values: dict[str, Any]
) -> dict[str, Any]:
    try:
        checked = CustomerWrite.model_validate(values).model_dump()
        if checked["phone"] is not None:
            place = await region(session, customer.business_id)
            checked["phone"] = to_e164(checked["phone"], place)
    except ValidationError as error:
        refused = [
            {"pointer": f"#/body/{one['loc'][0]}", "detail": one["msg"]} for one in error.errors()
        ]
        raise InvalidRequest(errors=refused) from error
    except ValueError as error:
        raise InvalidRequest(errors=[{"pointer": "#/body/phone", "detail": str(error)}]) from error
    return checked


def reply_with(customer: Customer) -> ProfileReply:
    return ProfileReply(customer=CustomerSnapshot.model_validate(customer))
