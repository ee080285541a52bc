"""Started and told to stop as the stack does it."""

import asyncio
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import nats
from notebook.desk import Desk

from chassis.testing import eventually
from stack.ports import free_ports
from stack.signer import Signer


@asynccontextmanager
async def started(desk: Desk, module: str, **told: str) -> AsyncIterator[tuple[Process, str]]:
    [port] = free_ports(1)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module), env=desk.environment(port=str(port), **told)
    )
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

            async def ready() -> bool:
                try:
                    return (await client.get("/readyz")).json()["nats"] is True
                except (httpx2.TransportError, ValueError):
                    return False

            await eventually(ready, within_seconds=60)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def stop(process: Process, within_seconds: float) -> None:
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(within_seconds):
        await process.wait()


async def test_idle_processes_stop_at_once_even_with_connections_kept_open(
    lonely: Desk, signer: Signer
) -> None:
    async with (
        started(lonely, "notebook.main") as (main, url),
        started(lonely, "notebook.worker") as (worker, _),
        httpx2.AsyncClient(base_url=url) as client,
    ):
        made = await client.post("/notes", json={"title": "a"}, headers=signer.bearer(uuid4()))
        assert made.status_code == 201
        # Ten seconds is what requests at hand would be given, and 75 an idle connection.
        await stop(main, within_seconds=8)
        await stop(worker, within_seconds=8)


async def test_a_worker_told_to_stop_finishes_the_event_at_hand_and_a_killed_one_leaves_it(
    lonely: Desk, signer: Signer, tmp_path: Path
) -> None:
    """Both stand at the point between the commit and the acknowledgement."""
    slow = {"embedded": "1", "home": str(tmp_path), "failpoint": "before-ack:sleep=1"}
    stuck = slow | {"failpoint": "before-ack:sleep=60"}
    business_id = uuid4()
    async with lonely.api() as client:
        async with started(lonely, "notebook.worker", **slow) as (worker, _):
            await client.post("/notes", json={"title": "a"}, headers=signer.bearer(business_id))
            await heard(lonely, business_id, 1)
            await stop(worker, within_seconds=15)
        assert await unacknowledged(lonely) == 0
        async with started(lonely, "notebook.worker", **stuck) as (worker, _):
            await client.post("/notes", json={"title": "b"}, headers=signer.bearer(business_id))
            await heard(lonely, business_id, 2)
            worker.kill()
            await worker.wait()
        assert await unacknowledged(lonely) == 1
        async with lonely.worker():

            async def caught_up() -> bool:
                return await unacknowledged(lonely) == 0

            await eventually(caught_up, within_seconds=20)
    assert lonely.tally(business_id) == 2


async def heard(desk: Desk, business_id: UUID, notes: int) -> None:
    async def look() -> bool:
        return desk.tally(business_id) == notes

    await eventually(look)


async def unacknowledged(desk: Desk) -> int:
    connection = await nats.connect(desk.nats.url)
    info = await connection.jetstream().consumer_info("notebook", "notebook-NoteWritten-count")
    await connection.close()
    return (info.num_ack_pending or 0) + (info.num_pending or 0)
