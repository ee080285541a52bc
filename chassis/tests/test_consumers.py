"""At least once from NATS, once in effect; and one handler's trouble is nobody else's."""

import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import nats
import pytest
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from notebook.desk import Desk
from notebook.models import NoteWritten
from notebook.subscriptions import stumbles
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import consumers
from chassis.app import create_app
from chassis.testing import eventually, publish, served

PullSubscription = JetStreamContext.PullSubscription


def note_written(business_id: UUID, title: str = "a") -> NoteWritten:
    return NoteWritten(
        business_id=business_id, occurred_at=datetime.now(UTC), note_id=uuid4(), title=title
    )


async def send(desk: Desk, body: bytes, message_id: str, business_id: UUID) -> None:
    connection = await nats.connect(desk.nats.url)
    address = f"notebook.note.written.v1.{business_id}"
    headers = {"Nats-Msg-Id": message_id}
    await connection.jetstream().publish(address, body, headers=headers)
    await connection.close()


async def has_heard(desk: Desk, business_id: UUID, notes: int, listener: str = "count") -> None:
    async def look() -> bool:
        return desk.tally(business_id, listener) >= notes

    await eventually(look)
    assert desk.tally(business_id, listener) == notes


def dead(desk: Desk, business_id: UUID) -> list[dict[str, object]]:
    return desk.rows(
        "SELECT handler, event_id, body, error FROM dead_events WHERE address LIKE %s",
        f"%{business_id}",
    )


@pytest.fixture
def fast_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "RETRY_AFTER_SECONDS", (0.05, 0.1))


async def test_an_event_delivered_three_times_has_one_effect(lonely: Desk) -> None:
    business_id = uuid4()
    event = note_written(business_id)
    async with lonely.worker():
        await ready(lonely)
        for n in range(3):
            body = event.model_dump_json().encode()
            await send(lonely, body, f"{event.event_id}-{n}", business_id)
        await send(lonely, note_written(business_id).model_dump_json().encode(), "x", business_id)
        await everything_acknowledged(lonely)
    assert lonely.tally(business_id) == 2


async def ready(desk: Desk) -> None:
    """Publishing needs the stream, which the worker makes."""
    connection = await nats.connect(desk.nats.url)

    async def both_listen() -> bool:
        try:
            return len(await connection.jetstream().consumers_info("notebook")) == 2
        except nats.errors.Error:
            return False

    await eventually(both_listen)
    await connection.close()


async def everything_acknowledged(desk: Desk) -> None:
    connection = await nats.connect(desk.nats.url)

    async def nothing_is_left() -> bool:
        listeners = await connection.jetstream().consumers_info("notebook")
        return not any(found.num_pending or found.num_ack_pending for found in listeners)

    await eventually(nothing_is_left)
    await connection.close()


async def test_a_handler_that_fails_is_tried_again_and_leaves_no_trace_of_the_failure(
    lonely: Desk,
) -> None:
    business_id = uuid4()
    event = note_written(business_id, title=f"twice {business_id}")
    stumbles[event.title] = 2
    async with lonely.worker():
        await ready(lonely)
        await publish(lonely.nats.url, event)
        await has_heard(lonely, business_id, 1)
        await has_heard(lonely, business_id, 1, "stumble")
    assert stumbles[event.title] == 0
    assert dead(lonely, business_id) == []


async def test_the_delay_between_tries_grows() -> None:
    delays = consumers.RETRY_AFTER_SECONDS
    assert list(delays) == sorted(delays)
    assert delays[-1] > 100 * delays[0]


async def test_an_event_that_always_fails_is_put_aside_and_the_listener_goes_on(
    lonely: Desk, fast_retries: None
) -> None:
    business_id = uuid4()
    poison = note_written(business_id, title=f"poison {business_id}")
    stumbles[poison.title] = 1000
    async with lonely.worker():
        await ready(lonely)
        await publish(lonely.nats.url, poison, note_written(business_id))
        await has_heard(lonely, business_id, 1, "stumble")
        await has_heard(lonely, business_id, 2)

        async def put_aside() -> list[dict[str, object]]:
            return dead(lonely, business_id)

        [row] = await eventually(put_aside)
    assert row["handler"] == "notebook-NoteWritten-stumble"
    assert "ValueError" in str(row["error"])
    assert poison.title not in str(row["error"]), "A message may hold personal data"
    assert lonely.tally(business_id, "stumble") == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\x00", b"[]", b"{}", json.dumps({"title": "x" * 10_000}).encode(), b"a\x00b"],
)
async def test_a_body_that_is_no_event_is_put_aside_at_once(
    shared: Desk, api: object, body: bytes
) -> None:
    business_id = uuid4()
    await send(shared, body, f"not a uuid {business_id}", business_id)
    await publish(shared.nats.url, note_written(business_id))
    await has_heard(shared, business_id, 1)

    async def put_aside_by_both() -> bool:
        return len(dead(shared, business_id)) == 2

    await eventually(put_aside_by_both)


async def test_a_lost_database_counts_no_try(lonely: Desk, fast_retries: None) -> None:
    """However long PostgreSQL is away, no event is given up for it."""
    business_id = uuid4()
    owner = lonely.server.connect(lonely.database)
    async with lonely.worker():
        await ready(lonely)
        owner.execute("ALTER ROLE notebook_app CONNECTION LIMIT 0")
        try:
            lonely.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s "
                "AND usename = 'notebook_app'",
                lonely.database,
            )
            await publish(lonely.nats.url, note_written(business_id))
            await delivered(lonely, times=3)
        finally:
            owner.execute("ALTER ROLE notebook_app CONNECTION LIMIT -1")
        await has_heard(lonely, business_id, 1)
    assert dead(lonely, business_id) == []


async def delivered(desk: Desk, times: int) -> None:
    connection = await nats.connect(desk.nats.url)

    async def look() -> bool:
        found = await connection.jetstream().consumer_info("notebook", "notebook-NoteWritten-count")
        return (found.delivered.consumer_seq if found.delivered else 0) >= times

    await eventually(look)
    await connection.close()


async def test_dead_letters_are_listed_and_replayed_by_hand(
    lonely: Desk, fast_retries: None
) -> None:
    business_id = uuid4()
    event = note_written(business_id, title=f"later {business_id}")
    stumbles[event.title] = 3
    async with lonely.worker():
        await ready(lonely)
        await publish(lonely.nats.url, event)

        async def put_aside() -> list[dict[str, object]]:
            return dead(lonely, business_id)

        await eventually(put_aside)
    assert "notebook-NoteWritten-stumble" in await lonely.run("chassis", "dead-letters", "notebook")
    assert len(dead(lonely, business_id)) == 1
    assert "applied" in await lonely.run("chassis", "dead-letters", "notebook", "replay")
    assert dead(lonely, business_id) == []
    assert lonely.tally(business_id, "stumble") == 1


async def test_what_was_put_back_goes_before_what_has_come_since(
    lonely: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two who take turns the same way meet at a lock, and never at two."""
    monkeypatch.setattr(consumers, "RETRY_AFTER_SECONDS", (0.3,))
    fetch, begun = PullSubscription.fetch, list[str]()

    async def fetch_together(
        subscription: PullSubscription,
        _batch: int,
        timeout: float,  # noqa: ASYNC109
    ) -> list[Msg]:
        """First the one alone; then the other, and with it the one that was put back."""
        messages = await fetch(subscription, 1, timeout)
        return messages + await fetch(subscription, 1, 10) if begun == ["first"] else messages

    async def stumble_once(_session: AsyncSession, event: NoteWritten) -> None:
        begun.append(event.title)
        if begun == ["first"]:
            raise ValueError("It comes again, after the second.")

    async def both_are_applied() -> bool:
        return len(begun) >= 3

    monkeypatch.setattr(PullSubscription, "fetch", fetch_together)
    listeners = consumers.consume({NoteWritten: (stumble_once,)})
    business_id = uuid4()
    async with served(create_app(lonely.settings(), loops=listeners)):
        notes = (note_written(business_id, title) for title in ("first", "second"))
        await publish(lonely.nats.url, *notes)
        await eventually(both_are_applied)
    assert begun == ["first", "first", "second"]
