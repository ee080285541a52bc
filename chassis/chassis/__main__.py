"""`python -m chassis <migrate|replay|dead-letters> <service>`: what an operator does by hand."""

import argparse
import asyncio
import importlib
from collections.abc import Sequence
from datetime import datetime

from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import outbox
from chassis.consumers import consume
from chassis.database import Sessions, create_engine, in_transaction, sessions_of
from chassis.inbox import DeadEvent
from chassis.migrate import migrate


class OperatorSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="BOOKLY_", extra="ignore")

    database_url: str = ""
    owner_database_url: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m chassis", description=__doc__)
    parser.add_argument("command", choices=["migrate", "replay", "dead-letters"])
    parser.add_argument("service")
    parser.add_argument("action", nargs="?", choices=["list", "replay"], default="list")
    since = "replay what was queued since this instant"
    parser.add_argument("--since", type=datetime.fromisoformat, help=since)
    wanted = parser.parse_args()
    settings = OperatorSettings()
    if wanted.command == "migrate":
        migrate(wanted.service, settings.owner_database_url)
    elif wanted.command == "dead-letters":
        asyncio.run(dead_letters(settings, wanted.service, wanted.action))
    elif wanted.since is None or wanted.since.tzinfo is None:
        parser.error("replay needs --since with an offset, such as 2026-10-25T00:00:00+00:00")
    else:
        asyncio.run(replay(settings, wanted.since))


def sessions(settings: OperatorSettings) -> Sessions:
    return sessions_of(create_engine(settings.database_url, "operator", 1))


async def replay(settings: OperatorSettings, since: datetime) -> None:
    print(f"{await outbox.replay(sessions(settings), since)} events will be published again")


async def dead_letters(settings: OperatorSettings, service: str, action: str) -> None:
    """List what handlers gave up, or hand each to its handler once more."""
    subscriptions = importlib.import_module(f"{service}.subscriptions").SUBSCRIPTIONS
    listeners = {f"{service}-{listener.__name__}": listener for listener in consume(subscriptions)}
    database = sessions(settings)

    async def read(session: AsyncSession) -> Sequence[DeadEvent]:
        return (await session.scalars(select(DeadEvent).order_by(DeadEvent.died_at))).all()

    for dead in await in_transaction(database, read):

        async def apply_and_forget(session: AsyncSession, dead: DeadEvent = dead) -> None:
            await listeners[dead.handler].apply(dead.body, dead.handler, session)
            await session.delete(await session.merge(dead))

        print(f"{dead.died_at:%Y-%m-%d %H:%M} {dead.handler} {dead.address} {dead.error}")
        if action == "replay":
            await in_transaction(database, apply_and_forget)
            print("  applied")


if __name__ == "__main__":
    main()
