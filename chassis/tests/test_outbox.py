"""Events leave if, and only if, their transaction committed, and the stream holds each once."""

from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import nats
from nats.js.errors import NotFoundError
from notebook.desk import Desk

from chassis.testing import eventually
from stack.signer import Signer


async def write(client: httpx2.AsyncClient, owner: dict[str, str], *titles: str) -> None:
    for title in titles:
        made = await client.post("/notes", json={"title": title}, headers=owner)
        assert made.status_code == 201, made.text


async def stored(desk: Desk, business_id: UUID) -> int:
    """How many events of this business the stream holds."""
    connection = await nats.connect(desk.nats.url)
    try:
        subject = f"notebook.note.written.v1.{business_id}"
        info = await connection.jetstream().stream_info("notebook", subjects_filter=subject)
        return (info.state.subjects or {}).get(subject, 0)
    except NotFoundError:
        return 0
    finally:
        await connection.close()


def unpublished(desk: Desk) -> int:
    return len(desk.rows("SELECT 1 FROM outbox WHERE published_at IS NULL"))


async def everything_published(desk: Desk) -> None:
    async def none_waits() -> bool:
        return unpublished(desk) == 0

    await eventually(none_waits)


async def test_an_event_is_published_once_and_soon(
    api: httpx2.AsyncClient, shared: Desk, signer: Signer
) -> None:
    business_id = uuid4()
    await write(api, signer.bearer(business_id), "a", "b", "c")

    async def all_heard() -> bool:
        return shared.tally(business_id) == 3

    await eventually(all_heard)
    assert await stored(shared, business_id) == 3


async def test_a_relay_that_fails_before_it_marks_publishes_nothing_twice(
    lonely: Desk, signer: Signer, tmp_path: Path
) -> None:
    business_id = uuid4()
    handles = {"embedded": True, "home": tmp_path, "failpoint": "notebook.after-publish:raise:2"}
    async with lonely.api(**handles) as client, lonely.worker(**handles):
        await write(client, signer.bearer(business_id), "a", "b")
        await everything_published(lonely)
    assert (tmp_path / "failpoints" / "notebook.after-publish").read_text() == "2"
    assert await stored(lonely, business_id) == 2


async def test_commits_go_on_without_nats_and_are_published_when_it_is_back(
    lonely: Desk, signer: Signer
) -> None:
    business_id = uuid4()
    owner = signer.bearer(business_id)
    async with lonely.api() as client, lonely.worker() as worker:

        async def heard(notes: int) -> None:
            async def look() -> bool:
                return lonely.tally(business_id) == notes

            await eventually(look)

        await write(client, owner, "before")
        await heard(1)
        # It is heard before it is marked, and what is not marked is handed over again.
        await everything_published(lonely)
        lonely.stop_nats()
        await write(client, owner, "meanwhile")
        assert (await worker.get("/readyz")).status_code == 200
        assert unpublished(lonely) == 1
        lonely.start_nats()
        await heard(2)
        await write(client, owner, "after")
        await heard(3)
    assert await stored(lonely, business_id) == 3


async def test_a_worker_starts_before_nats_does(lonely: Desk, signer: Signer) -> None:
    lonely.stop_nats()
    business_id = uuid4()
    async with lonely.api() as client, lonely.worker():
        await write(client, signer.bearer(business_id), "early")
        lonely.start_nats()

        async def heard() -> bool:
            return lonely.tally(business_id) == 1

        await eventually(heard)


async def test_the_relay_survives_the_loss_of_its_database_connections(
    lonely: Desk, signer: Signer
) -> None:
    owner = signer.bearer(uuid4())
    async with lonely.api() as client, lonely.worker():
        await write(client, owner, "before")
        await everything_published(lonely)
        lonely.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = 'notebook_app' AND datname = current_database()"
        )

        async def written() -> bool:
            made = await client.post("/notes", json={"title": "after"}, headers=owner)
            return made.status_code == 201

        await eventually(written)
        await everything_published(lonely)


async def test_of_two_relays_one_is_active_until_it_goes(lonely: Desk, signer: Signer) -> None:
    locks = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = %s"
    database = lonely.rows("SELECT oid FROM pg_database WHERE datname = current_database()")[0]

    async def active() -> list[dict[str, object]]:
        return lonely.rows(locks, database["oid"])

    async with lonely.api() as client, lonely.worker():
        async with lonely.worker():
            first = await eventually(active)
            await write(client, signer.bearer(uuid4()), *"abcdef")
            await everything_published(lonely)
            assert await active() == first
            assert len(first) == 1
            lonely.rows("SELECT pg_terminate_backend(%s)", first[0]["pid"])

            async def another() -> bool:
                found = await active()
                return len(found) == 1 and found != first

            await eventually(another)
        await write(client, signer.bearer(uuid4()), "g")
        await everything_published(lonely)


async def test_a_replay_publishes_again_and_no_handler_applies_anything_twice(
    lonely: Desk, signer: Signer
) -> None:
    business_id = uuid4()
    async with lonely.api() as client, lonely.worker():
        await write(client, signer.bearer(business_id), "a", "b")

        async def heard() -> bool:
            return lonely.tally(business_id) == lonely.tally(business_id, "stumble") == 2

        await eventually(heard)
        # JetStream forgets what it saw with the stream, as it would after its duplicate window.
        connection = await nats.connect(lonely.nats.url)
        await connection.jetstream().purge_stream("notebook")
        lonely.stop_nats()
        lonely.start_nats()
        await replay(lonely)
        await everything_published(lonely)

        async def delivered_again() -> bool:
            listeners = await connection.jetstream().consumers_info("notebook")
            return not any(found.num_pending or found.num_ack_pending for found in listeners)

        await eventually(delivered_again)
        await connection.close()
    assert await stored(lonely, business_id) == 2
    assert lonely.tally(business_id) == lonely.tally(business_id, "stumble") == 2


async def replay(desk: Desk) -> None:
    said = await desk.run("chassis", "replay", "notebook", "--since", "2020-01-01T00:00:00+00:00")
    assert "2 events" in said
