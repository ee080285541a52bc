"""The outbox's relay, against a publisher that has nothing to read or to mark."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

from chassis.outbox import WINDOW, forward
from chassis.runtime import Runtime, ensure_stream, running
from scheduling.settings import SchedulingSettings
from tests.bench.ground import Ground
from tests.bench.in_turns import in_turns
from tests.bench.report import Report, at_least

MESSAGES = 8 * WINDOW
ADDRESS = "scheduling.bench.v1"
BODY = "x" * 900
"""As long as a booking's event."""
WAITING = """
INSERT INTO outbox (event_id, address, body, headers)
SELECT gen_random_uuid(), %s, %s, '{"traceparent": "00-0-0-00"}' FROM generate_series(1, %s)
"""


def test_relay(prepared: Ground, report: Report) -> None:
    database = prepared.copy("relay")
    settings = SchedulingSettings(
        database_url=prepared.postgres.url(database, "scheduling_app"),
        nats_url=prepared.nats.url,
        public_keys=prepared.signer.public_keys,
    )

    def per_second(work: Callable[[Runtime], Awaitable[None]]) -> float:
        async def timed() -> float:
            async with running(settings, []) as runtime:
                await ensure_stream(runtime, "scheduling")
                begun = time.perf_counter()
                await work(runtime)
                return MESSAGES / (time.perf_counter() - begun)

        return asyncio.run(timed())

    def relayed() -> float:
        with prepared.connect(database) as connection:
            connection.execute(WAITING, (ADDRESS, BODY, MESSAGES))
        return per_second(relay_all)

    rounds = in_turns(ours=relayed, bare=lambda: per_second(publish_all))
    report.keep(
        "outbox relay, against bare publishing in the same windows",
        rounds.ratio("ours", "bare") * 100,
        at_least(50, "%"),
        ours=f"{rounds.median('ours'):,.0f}/s",
        other=f"nats-py {rounds.median('bare'):,.0f}/s",
    )


async def relay_all(runtime: Runtime) -> None:
    done = 0
    while found := await forward(runtime):
        done += found
    assert done == MESSAGES


async def publish_all(runtime: Runtime) -> None:
    for _ in range(MESSAGES // WINDOW):
        await asyncio.gather(*(publish(runtime) for _ in range(WINDOW)))


async def publish(runtime: Runtime) -> None:
    headers = {"Nats-Msg-Id": str(uuid4()), "traceparent": "00-0-0-00"}
    await runtime.jetstream.publish(ADDRESS, BODY.encode(), headers=headers)
