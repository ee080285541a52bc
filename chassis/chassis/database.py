"""Engine, transaction and the one place that commits."""

import asyncio
import datetime as dt
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, ClassVar, TypeVar, cast
from uuid import UUID

from sqlalchemy import DateTime, MetaData, text
from sqlalchemy.dialects.postgresql import CITEXT, JSONB, TSTZRANGE, Range
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import QueuePool

from chassis import failpoints
from chassis.problems import InvalidRequest, Problem, TryAgain

Result = TypeVar("Result")

POOL_SECONDS = 10
ATTEMPTS = 3
RETRIED = {"40001", "40P01"}
"""Serialization failure and deadlock: the same work, done again, may succeed."""
UNAVAILABLE = {"55P03", "57014", "53100", "53300", "57P01", "57P02", "57P03"}
"""Lock or statement time-out, disk full, no connection left, shutting down."""
UNFIT = "22"
"""Data that no column can hold, such as U+0000 in a text or a number past its type's end."""

LIMITS = {
    "timezone": "UTC",
    "lock_timeout": "2s",
    "statement_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",
}
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


SET_LOCAL = text("SELECT set_config(:name, :value, true)")


class CaseFolded(str):
    """Text that compares without regard to case (`citext`)."""


class Conventions:
    """Mixed into each service's own declarative `Base`."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dt.datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        list[str]: JSONB,
        Range[dt.datetime]: TSTZRANGE,
        CaseFolded: CITEXT,
    }


class Base(Conventions, DeclarativeBase):
    """The chassis's own tables: outbox, inbox, dead events, idempotency keys, audit trail."""

    metadata = MetaData(naming_convention=NAMES)


class OfBusiness:
    """A row of one business; the composite key lets foreign keys never cross businesses."""

    business_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)
    id: Mapped[UUID] = mapped_column(
        primary_key=True, sort_order=-1, server_default=text("uuidv7()")
    )


class Sessions(async_sessionmaker[AsyncSession]):
    """As many at once as there are connections, in the order of arrival.

    The pool alone gives a connection to whoever asks in the moment it is free, before those who
    wait: under load some waited in vain until they were sent away.
    """

    def __init__(self, engine: AsyncEngine, **options: Any) -> None:
        super().__init__(engine, **options)
        self._turns = asyncio.Semaphore(cast("QueuePool", engine.pool).size())
        self.after_commit: Callable[[dict[Any, Any]], None] = lambda _info: None
        """Told the session's info: `business_id` once entered, and whether a request `writes`."""

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Raises TimeoutError when the line is too long."""
        async with asyncio.timeout(POOL_SECONDS):
            await self._turns.acquire()
        try:
            yield
        finally:
            self._turns.release()


def create_engine(url: str, service: str, pool_size: int) -> AsyncEngine:
    return create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        connect_args={"timeout": 5, "server_settings": LIMITS | {"application_name": service}},
    )


def sessions_of(engine: AsyncEngine) -> Sessions:
    return Sessions(engine, expire_on_commit=False)


async def enter_business(session: AsyncSession, business_id: UUID) -> None:
    """From here to its end, the transaction sees and writes rows of this business alone."""
    session.info["business_id"] = business_id
    await set_local(session, "app.business_id", str(business_id))


async def set_local(session: AsyncSession, name: str, value: str) -> None:
    """Set what row-level security policies read, until the transaction ends."""
    await session.execute(SET_LOCAL, {"name": name, "value": value})


async def in_transaction(
    sessions: Sessions, work: Callable[[AsyncSession], Awaitable[Result]]
) -> Result:
    """Do the work and commit it: all or nothing. The only commit of a service is this one.

    A deadlock, a serialization failure or a connection that was lost before the commit runs the
    work again, so it must have no other effects.
    Raises the Problem whose constraint was violated, or TryAgain when PostgreSQL is not there.
    """
    for attempt in range(1, ATTEMPTS + 1):
        committing = False
        try:
            async with sessions.turn(), sessions() as session:
                result = await work(session)
                committing = True
                await session.commit()
            sessions.after_commit(session.info)
            if session.info.get("announced"):
                await failpoints.reach("after-commit")
            return result
        except DBAPIError as error:
            # What is lost in its commit may have been committed.
            lost = error.connection_invalidated and not committing
            if not (lost or sqlstate(error) in RETRIED) or attempt == ATTEMPTS:
                raise meaning(error) from error
            await asyncio.sleep(random.uniform(0, 0.02 * attempt))  # noqa: S311
        except (OSError, PoolExhausted) as error:
            raise TryAgain from error
    raise AssertionError("unreachable")


def sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def meaning(error: DBAPIError) -> Exception:
    """The Problem that a database error stands for, or the error itself if it is a defect."""
    constraint = getattr(getattr(error.orig, "__cause__", None), "constraint_name", None)
    if problem := Problem.by_constraint.get(constraint or ""):
        return problem()
    code = sqlstate(error)
    if code.startswith(UNFIT):
        return InvalidRequest()
    lost = error.connection_invalidated or code.startswith("08") or not code
    return TryAgain() if lost or code in UNAVAILABLE | RETRIED else error
