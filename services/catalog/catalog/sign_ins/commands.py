from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.accounts.models import Account
from catalog.businesses.models import Business
from catalog.members.models import Member
from catalog.sign_ins import access_tokens
from catalog.sign_ins.credentials import prove
from catalog.sign_ins.models import SignIn
from catalog.sign_ins.problems import (
    BusinessNotChosen,
    NotAMember,
    RefreshTokenReused,
    SignInEnded,
    WrongCredentials,
)
from catalog.sign_ins.schemas import Refresh, SignedIn, SignInWrite
from chassis.auth import Principal
from chassis.database import enter_business, set_local
from chassis.outbox import publish_on_commit
from chassis.problems import Unauthenticated
from chassis.runtime import Runtime


async def sign_in(
    session: AsyncSession, runtime: Runtime, wanted: SignInWrite, now: datetime
) -> SignedIn | WrongCredentials:
    account = await prove(session, wanted.email, wanted.password, now)
    if isinstance(account, WrongCredentials):
        return account
    member_id, business = await choose(session, account, wanted.business)
    await enter_business(session, business.id)
    return await start(session, runtime, business, member_id, now)


async def choose(
    session: AsyncSession, account: Account, slug: str | None
) -> tuple[UUID, Business]:
    """The account's place in the business it names, or in its only one."""
    await set_local(session, "app.account_id", str(account.id))
    places = (
        select(Member.id, Business)
        .join(Business, Business.id == Member.business_id)
        .where(Member.account_id == account.id, Member.revoked_at.is_(None))
        .order_by(Business.name)
    )
    named = [
        (member_id, business)
        for member_id, business in await session.execute(places)
        if slug in (None, business.slug)
    ]
    if not named:
        raise NotAMember
    if len(named) > 1:
        raise BusinessNotChosen(
            businesses=[{"slug": business.slug, "name": business.name} for _, business in named]
        )
    return named[0]


async def start(
    session: AsyncSession, runtime: Runtime, business: Business, member_id: UUID, now: datetime
) -> SignedIn:
    """A new family of refresh tokens. The transaction has entered the business."""
    sign_in = SignIn(business_id=business.id, id=uuid4(), member_id=member_id, created_at=now)
    refresh_token = sign_in.rotate(now)
    session.add(sign_in)
    await session.flush()
    return await tokens(session, runtime, business, sign_in, refresh_token, now)


async def refresh(
    session: AsyncSession, runtime: Runtime, wanted: Refresh, now: datetime
) -> SignedIn | RefreshTokenReused:
    """A spent token ends the family, which must be committed: the refusal is not raised."""
    business_id, sign_in_id, secret = wanted.parts()
    await enter_business(session, business_id)
    sign_in = await session.get(SignIn, (business_id, sign_in_id), with_for_update=True)
    if sign_in is None or sign_in.is_over(now):
        raise SignInEnded
    if not sign_in.expects(secret):
        # Either a thief or the owner holds a copy; nobody can tell, so both are out.
        publish_on_commit(session, sign_in.end(now))
        return RefreshTokenReused()
    business = await session.get_one(Business, business_id)
    token = sign_in.rotate(now)
    return await tokens(session, runtime, business, sign_in, token, now)


async def tokens(
    session: AsyncSession,
    runtime: Runtime,
    business: Business,
    sign_in: SignIn,
    refresh_token: str,
    now: datetime,
) -> SignedIn:
    member = await present(session, sign_in)
    principal = member.principal(sign_in.id, now, access_tokens.LIVES)
    return SignedIn.model_validate(
        {
            "access_token": access_tokens.sign(runtime, principal),
            "expires_in": access_tokens.LIVES.seconds,
            "refresh_token": refresh_token,
            "account": member.account,
            "business": business,
            "member": member,
        },
        from_attributes=True,
    )


async def present(session: AsyncSession, sign_in: SignIn) -> Member:
    """Locked against a change or revocation at the same time, which would miss this token."""
    member = await session.get(
        Member,
        (sign_in.business_id, sign_in.member_id),
        with_for_update={"read": True},
        populate_existing=True,
    )
    if member is None or member.revoked_at:
        raise Unauthenticated("This account is no longer a member here.")
    return member


async def sign_out(session: AsyncSession, caller: Principal, now: datetime) -> None:
    sign_in = await session.get(
        SignIn, (caller.business_id, caller.sign_in_id), with_for_update=True
    )
    if sign_in and sign_in.ended_at is None:
        publish_on_commit(session, sign_in.end(now))
