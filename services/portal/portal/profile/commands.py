from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.copies import keep_copy
from chassis.runtime import Runtime
from contracts.catalog import ContactPreferences as PreferencesSnapshot
from contracts.catalog import Customer as CustomerSnapshot
from contracts.client_requests import ChangeProfileAsCustomer, ProfileReply, ReadProfile
from portal.apart import in_business_of
from portal.asking import ask_owner, request_id
from portal.copies.models import Customer
from portal.portal_sessions.queries import Client
from portal.profile.schemas import ContactPreferences, ProfileRead, ProfileWrite


async def read(runtime: Runtime, client: Client) -> ProfileRead:
    asked = ReadProfile(business_id=client.business_id, customer_id=client.id)
    return view((await ask_owner(runtime, asked, ProfileReply)).customer)


async def change(
    runtime: Runtime,
    client: Client,
    wanted: ProfileWrite,
    seen: int,
    idempotency_key: str | None,
) -> ProfileRead:
    asked = ChangeProfileAsCustomer(
        business_id=client.business_id,
        customer_id=client.id,
        request_id=request_id(client, idempotency_key),
        version_seen=seen,
        name=wanted.name,
        phone=wanted.phone,
        locale=wanted.locale,
        time_zone=wanted.time_zone,
        contact_preferences=PreferencesSnapshot.model_validate(wanted.contact_preferences),
    )
    reply = await ask_owner(runtime, asked, ProfileReply)
    await keep_reply(runtime, client, client.business_id, reply.customer)
    return view(reply.customer)


async def keep_reply(
    runtime: Runtime, client: Client, business_id: UUID, told: CustomerSnapshot
) -> None:
    """Read again at once, it is what was written, before the event has come."""

    async def keep(session: AsyncSession) -> None:
        await keep_copy(session, Customer, business_id, told)

    await in_business_of(client, runtime, keep)


def view(told: CustomerSnapshot) -> ProfileRead:
    known = told.model_dump(include=set(ProfileRead.model_fields) - {"contact_preferences"})
    preferences = told.contact_preferences or PreferencesSnapshot()
    return ProfileRead(**known, contact_preferences=ContactPreferences.model_validate(preferences))
