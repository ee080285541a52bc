"""Joining a business by the one-time token of an invitation."""

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
from catalog.sign_ins.problems import WrongCredentials
from catalog.sign_ins.schemas import SignedIn
from chassis.database import enter_business
from chassis.problems import NotFound
from chassis.runtime import Runtime

NEW_PASSWORD: TypeAdapter[str] = TypeAdapter(NewPassword)


async def accept(
    session: AsyncSession, runtime: Runtime, wanted: Acceptance, now: datetime
) -> SignedIn | WrongCredentials:
    invitation = await invited(session, wanted, now)
    account = await account_of(session, invitation.email, wanted, now)
    if isinstance(account, WrongCredentials):
        return account
    member = await enrol(session, invitation, account, now)
    business = await session.get_one(Business, member.business_id)
    return await sign_ins.start(session, runtime, business, member.id, now)


async def account_of(
    session: AsyncSession, email: str, wanted: Acceptance, now: datetime
) -> Account | WrongCredentials:
    """Who has an account proves its password; who has none gets one."""
    if await session.scalar(select(Account.id).where(Account.email == email)):
        return await prove(session, email, wanted.password, now)
    try:
        password = NEW_PASSWORD.validate_python(wanted.password)
    except ValidationError as error:
        raise NameNeeded("The password needs 10 to 200 characters.") from error
    if wanted.name is None:
        raise NameNeeded
    password_hash = await passwords.hash_of(password)
    return await accounts.create(session, email, wanted.name, password_hash, now)


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
