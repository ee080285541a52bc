"""`python -m chassis <migrate|replay|dead-letters> <service>`: what an operator does by hand."""

import argparse
import asyncio
import importlib
from collections.abc import Awaitable, Callable
from datetime import datetime

from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import outbox
from chassis.consumers import Handler, Subscriptions, apply
from chassis.database import create_engine, in_transaction, sessions_of
from chassis.inbox import DeadEvent
from chassis.migrate import migrate
from contracts.event import Event


class OperatorSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="BOOKLY_", extra="ignore")

    database_url: str = ""
    owner_database_url: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m chassis", description=__doc__)
    parser.add_argument("command", choices=["migrate", "replay", "dead-letters"])
    parser.add_argument("service")
    parser.add_argument("action", nargs="?", choices=["list", "replay"], default="list")
    parser.add_argument(
        "--since", type=datetime.fromisoformat, help="replay what was queued since this instant"
    )
    wanted = parser.parse_args()
    settings = OperatorSettings()
    if wanted.command == "migrate":
        migrate(wanted.service, settings.owner_database_url)
    elif wanted.command == "replay":
        if wanted.since is None or wanted.since.tzinfo is None:
            parser.error("replay needs --since with an offset, such as 2026-10-25T00:00:00+00:00")
        asyncio.run(replay(settings, wanted.since))
    else:
        asyncio.run(dead_letters(settings, wanted.service, wanted.action))


async def replay(settings: OperatorSettings, since: datetime) -> None:
    engine = create_engine(settings.database_url, "operator", 1)
    print(f"{await outbox.replay(sessions_of(engine), since)} events will be published again")
    await engine.dispose()


async def dead_letters(settings: OperatorSettings, service: str, action: str) -> None:
    """List what handlers gave up, or hand each to its handler once more."""
    engine = create_engine(settings.database_url, "operator", 1)
    sessions = sessions_of(engine)
    handlers = handlers_of(importlib.import_module(f"{service}.subscriptions").SUBSCRIPTIONS)

    async def read(session: AsyncSession) -> list[DeadEvent]:
        return list(await session.scalars(select(DeadEvent).order_by(DeadEvent.died_at)))

    for dead in await in_transaction(sessions, read):
        print(f"{dead.died_at:%Y-%m-%d %H:%M} {dead.handler} {dead.address} {dead.error}")
        if action == "replay":
            event_type, handler = handlers[dead.handler.partition("-")[2]]
            event = event_type.model_validate_json(dead.body)
            await apply(sessions, event, handler, dead.handler)
            await in_transaction(sessions, forget(dead))
            print("  applied")
    await engine.dispose()


def handlers_of(subscriptions: Subscriptions) -> dict[str, tuple[type[Event], Handler]]:
    return {
        f"{event_type.__name__}-{handler.__name__}": (event_type, handler)
        for event_type, handlers in subscriptions.items()
        for handler in handlers
    }


def forget(dead: DeadEvent) -> Callable[[AsyncSession], Awaitable[None]]:
    async def work(session: AsyncSession) -> None:
        await session.delete(await session.merge(dead))

    return work


if __name__ == "__main__":
    main()
