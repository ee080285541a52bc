from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.accounts import passwords
from catalog.accounts.models import Account
from catalog.accounts.problems import EmailTaken
from catalog.accounts.schemas import SignUp
from catalog.businesses import commands as businesses
from catalog.members.models import Member
from catalog.sign_ins import commands as sign_ins
from catalog.sign_ins.schemas import SignedIn
from chassis.runtime import Runtime


async def sign_up(
    session: AsyncSession, runtime: Runtime, wanted: SignUp, now: datetime
) -> SignedIn:
    """Account, business and its owner, all or nothing, and signed in."""
    # First, so that no connection is held while Argon2 works.
    password_hash = await passwords.hash_of(wanted.password)
    account = await create(session, wanted.email, wanted.name, password_hash, now)
    place = wanted.model_dump(include={"time_zone", "currency", "locale"})
    values = {"name": wanted.business_name, "email": wanted.email, **place}
    business = await businesses.found(session, values, wanted.slug, now)
    member = Member(
        business_id=business.id,
        account=account,
        role="owner",
        permissions=[],
        tokens_valid_from=now,
        created_at=now,
    )
    session.add(member)
    await session.flush()
    return await sign_ins.start(session, runtime, business, member.id, now)


async def create(
    session: AsyncSession, email: str, name: str, password_hash: str, now: datetime
) -> Account:
    statement = (
        insert(Account)
        .values(email=email, name=name, password_hash=password_hash, created_at=now)
        .on_conflict_do_nothing()
        .returning(Account)
    )
    account: Account | None = await session.scalar(statement)
    if account is None:
        raise EmailTaken
    return account
