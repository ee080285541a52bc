"""Joining a business by the one-time token of an invitation."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.accounts import commands as accounts
from catalog.accounts import passwords
from catalog.accounts.models import Account
from catalog.accounts.schemas import NewPassword
from catalog.businesses.models import Business
from catalog.invitations.commands import join
from catalog.invitations.models import Invitation
from catalog.invitations.problems import InvitationEnded, NameNeeded
from catalog.invitations.schemas import Acceptance
from catalog.members.models import Member
from catalog.sign_ins import commands as sign_ins
from catalog.sign_ins.credentials import prove
from catalog.sign_ins.models import digest
from catalog.sign_ins.schemas import SignedIn
from chassis.database import enter_business, in_transaction
from chassis.problems import NotFound
from chassis.runtime import Runtime

NEW_PASSWORD: TypeAdapter[str] = TypeAdapter(NewPassword)


@dataclass(frozen=True)
class Newcomer:
    name: str
    password_hash: str


async def accept(
    session: AsyncSession, runtime: Runtime, wanted: Acceptance, now: datetime
) -> SignedIn:
    """Who has an account proves its password; who has none gets one."""
    email, is_known = await in_transaction(runtime.sessions, addressee(wanted, now))
    if is_known:
        joining: Account | Newcomer = await prove(runtime, email, wanted.password, now)
    else:
        joining = await newcomer(wanted)
    invitation = await invited(session, wanted, now)
    if isinstance(joining, Newcomer):
        joining = await accounts.create(session, email, joining.name, joining.password_hash, now)
    member = await enrol(session, invitation, joining, now)
    business = await session.get_one(Business, member.business_id)
    return await sign_ins.start(session, runtime, business, member.id, now)


def addressee(
    wanted: Acceptance, now: datetime
) -> Callable[[AsyncSession], Awaitable[tuple[str, bool]]]:
    """Who was invited, and whether they have an account; read on its own, before any hashing."""

    async def look(session: AsyncSession) -> tuple[str, bool]:
        email = (await invited(session, wanted, now)).email
        known = select(Account.id).where(Account.email == email)
        return email, await session.scalar(known) is not None

    return look


async def invited(session: AsyncSession, wanted: Acceptance, now: datetime) -> Invitation:
    """The open invitation of this token, locked; the transaction enters its business."""
    business_id, secret = wanted.parts()
    await enter_business(session, business_id)
    invitation: Invitation | None = await session.scalar(
        select(Invitation)
        .where(Invitation.business_id == business_id, Invitation.token_hash == digest(secret))
        .with_for_update()
    )
    if invitation is None:
        raise NotFound
    if invitation.is_over(now):
        raise InvitationEnded
    return invitation


async def newcomer(wanted: Acceptance) -> Newcomer:
    try:
        password = NEW_PASSWORD.validate_python(wanted.password)
    except ValidationError as error:
        raise NameNeeded("The password needs 10 to 200 characters.") from error
    if wanted.name is None:
        raise NameNeeded
    return Newcomer(wanted.name, await passwords.hash_of(password))


async def enrol(
    session: AsyncSession, invitation: Invitation, account: Account, now: datetime
) -> Member:
    invitation.accepted_at = now
    staff_member = (
        await join(session, invitation.business_id, invitation.staff_id, now)
        if invitation.staff_id
        else None
    )
    member = Member(
        business_id=invitation.business_id,
        account_id=account.id,
        role=invitation.role,
        permissions=invitation.permissions,
        staff_id=staff_member and staff_member.id,
        tokens_valid_from=now,
        created_at=now,
    )
    session.add(member)
    await session.flush()
    return member
