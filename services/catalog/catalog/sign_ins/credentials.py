"""Prove an e-mail and a password, at most ten wrong guesses in a quarter of an hour."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog.accounts.models import Account
from catalog.accounts.passwords import verify
from catalog.sign_ins.models import FailedSignIn, digest
from catalog.sign_ins.problems import TooManySignIns, WrongCredentials
from chassis.database import in_transaction
from chassis.problems import Problem
from chassis.runtime import Runtime

GUESSES = 10
WINDOW = timedelta(minutes=15)


async def prove(runtime: Runtime, email: str, password: str, now: datetime) -> Account:
    """Raises WrongCredentials or TooManySignIns, after the failed try has been committed.

    No connection is held while Argon2 works, and the count is decided under a lock afterwards,
    so that guesses in parallel are counted like guesses in a row.
    """
    email_digest = digest(email.casefold())

    async def look(session: AsyncSession) -> Account | None:
        check_rate(await failures(session, email_digest, now), now)
        account: Account | None = await session.scalar(
            select(Account).where(Account.email == email)
        )
        return account

    account = await in_transaction(runtime.sessions, look)
    right = await verify(password, account.password_hash if account else None)

    async def decide(session: AsyncSession) -> Account | Problem:
        await session.execute(
            select(func.pg_advisory_xact_lock(func.hashtextextended(email_digest, 0)))
        )
        check_rate(await failures(session, email_digest, now), now)
        outdated = FailedSignIn.at <= now - WINDOW
        forgotten = delete(FailedSignIn).where(FailedSignIn.email_digest == email_digest)
        if right and account:
            await session.execute(forgotten)
            return account
        await session.execute(forgotten.where(outdated))
        session.add(FailedSignIn(email_digest=email_digest, at=now))
        return WrongCredentials()

    outcome = await in_transaction(runtime.sessions, decide)
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


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
