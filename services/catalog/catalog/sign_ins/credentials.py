"""Prove an e-mail and a password, at most ten wrong guesses in a quarter of an hour."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.accounts.models import Account
from catalog.accounts.passwords import verify
from catalog.sign_ins.models import FailedSignIn, digest
from catalog.sign_ins.problems import TooManySignIns, WrongCredentials

GUESSES = 10
WINDOW = timedelta(minutes=15)


async def prove(
    session: AsyncSession, email: str, password: str, now: datetime
) -> Account | WrongCredentials:
    """Raises TooManySignIns. A wrong guess is counted, so its refusal is returned, not raised.

    The count is decided under a lock after Argon2 has worked, so that guesses in parallel are
    counted like guesses in a row and nobody waits for another's 50 ms.
    """
    email_digest = digest(email.casefold())
    check_rate(await failures(session, email_digest, now), now)
    account: Account | None = await session.scalar(select(Account).where(Account.email == email))
    right = await verify(password, account.password_hash if account else None)
    lock = func.pg_advisory_xact_lock(func.hashtextextended(email_digest, 0))
    await session.execute(select(lock))
    check_rate(await failures(session, email_digest, now), now)
    counted = delete(FailedSignIn).where(FailedSignIn.email_digest == email_digest)
    if right and account:
        await session.execute(counted)
        return account
    await session.execute(counted.where(FailedSignIn.at <= now - WINDOW))
    session.add(FailedSignIn(email_digest=email_digest, at=now))
    return WrongCredentials()


async def failures(session: AsyncSession, email_digest: str, now: datetime) -> Sequence[datetime]:
    """The latest of them within the window, newest first."""
    statement = (
        select(FailedSignIn.at)
        .where(FailedSignIn.email_digest == email_digest, FailedSignIn.at > now - WINDOW)
        .order_by(FailedSignIn.at.desc())
        .limit(GUESSES)
    )
    return (await session.scalars(statement)).all()


def check_rate(failed_at: Sequence[datetime], now: datetime) -> None:
    if len(failed_at) >= GUESSES:
        raise TooManySignIns(failed_at[-1] + WINDOW - now)
