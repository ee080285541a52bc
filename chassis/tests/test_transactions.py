"""One request is one transaction, and PostgreSQL's troubles never become a 500."""

import asyncio
from uuid import uuid4

import httpx2
import pytest
from fastapi import Depends, FastAPI
from notebook.desk import Desk
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.app import create_app
from chassis.auth import public
from chassis.database import create_engine, in_transaction, sessions_of
from chassis.http import Router, Session
from chassis.problems import TryAgain
from chassis.testing import eventually, served
from stack.signer import Signer


def app_with(desk: Desk, statement: str) -> FastAPI:
    """One route that does just this."""
    router = Router(dependencies=[Depends(public)])

    @router.post("/work")
    async def work(session: Session) -> None:
        await session.execute(text(statement))

    return create_app(desk.settings(), routers=[router])


def notes_titled(desk: Desk, title: str) -> list[dict[str, object]]:
    return desk.rows("SELECT id FROM notes WHERE title = %s", title)


async def test_what_was_answered_is_committed_already(
    api: httpx2.AsyncClient, shared: Desk, signer: Signer
) -> None:
    """The look happens at the first byte of the answer, not some time after its last."""
    seen: list[int] = []

    app = api._transport.app  # type: ignore[attr-defined]

    async def looking(scope, receive, send):  # type: ignore[no-untyped-def]
        async def look_then_send(message):  # type: ignore[no-untyped-def]
            if message["type"] == "http.response.start":
                seen.append(len(notes_titled(shared, title)))
            await send(message)

        await app(scope, receive, look_then_send)

    title = f"seen {uuid4()}"
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(looking), base_url="http://test"
    ) as client:
        made = await client.post("/notes", json={"title": title}, headers=signer.bearer(uuid4()))
    assert (made.status_code, seen) == (201, [1])


async def test_a_refusal_leaves_nothing_behind(
    api: httpx2.AsyncClient, shared: Desk, signer: Signer
) -> None:
    title = f"refuse {uuid4()}"
    business_id = uuid4()
    refused = await api.post("/notes", json={"title": title}, headers=signer.bearer(business_id))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/note-refused")
    assert refused.headers["content-type"] == "application/problem+json"
    assert notes_titled(shared, title) == []
    assert shared.rows("SELECT 1 FROM outbox WHERE body LIKE %s", f"%{business_id}%") == []


async def test_a_violated_constraint_answers_with_its_problem(
    api: httpx2.AsyncClient, signer: Signer
) -> None:
    owner = signer.bearer(uuid4())
    answers = [await api.post("/notes", json={"title": "one"}, headers=owner) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json() == {
        "type": "/problems/note-title-taken",
        "title": "Another note has this title",
        "status": 409,
    }


async def test_two_transactions_that_deadlock_both_succeed(shared: Desk) -> None:
    engine = create_engine(shared.settings().database_url, "test", 2)
    sessions = sessions_of(engine)
    business_id = uuid4()
    met = asyncio.Barrier(2)
    attempts: list[str] = []

    async def add_one(session: AsyncSession, listener: str) -> None:
        await session.execute(
            text(
                "INSERT INTO tallies VALUES (:business_id, :listener, 1) "
                "ON CONFLICT (business_id, listener) DO UPDATE SET notes = tallies.notes + 1"
            ),
            {"business_id": business_id, "listener": listener},
        )

    async def both(first: str, second: str) -> None:
        async def work(session: AsyncSession) -> None:
            attempts.append(first)
            await session.execute(
                text("SELECT set_config('app.business_id', :id, true)"), {"id": str(business_id)}
            )
            await add_one(session, first)
            if attempts.count(first) == 1:
                await met.wait()
            await add_one(session, second)

        await in_transaction(sessions, work)

    await asyncio.gather(both("a", "b"), both("b", "a"))
    assert len(attempts) == 3
    assert (shared.tally(business_id, "a"), shared.tally(business_id, "b")) == (2, 2)
    await engine.dispose()


async def test_waiting_too_long_for_a_lock_is_try_again(lonely: Desk) -> None:
    held = lonely.server.connect(lonely.database)
    with held, held.transaction():
        held.execute("LOCK TABLE tallies")
        async with served(app_with(lonely, "SELECT * FROM tallies FOR UPDATE")) as client:
            answer = await client.post("/work")
    assert_try_again(answer)


async def test_a_statement_that_takes_too_long_is_try_again(shared: Desk) -> None:
    slow = "SET LOCAL statement_timeout = '50ms'; SELECT 1"
    assert shared.rows("SHOW statement_timeout") == [{"statement_timeout": "0"}]
    router = Router(dependencies=[Depends(public)])

    @router.get("/limits")
    async def limits(session: Session) -> list[str]:
        names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        return [await session.scalar(text(f"SHOW {name}")) for name in names]

    @router.post("/work")
    async def work(session: Session) -> None:
        await session.execute(text(slow.partition(";")[0]))
        await session.execute(text("SELECT pg_sleep(5)"))

    async with served(create_app(shared.settings(), routers=[router])) as client:
        assert (await client.get("/limits")).json() == ["2s", "5s", "10s"]
        assert_try_again(await client.post("/work"))


def assert_try_again(answer: httpx2.Response) -> None:
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/try-again")
    assert answer.headers["Retry-After"]


async def test_killed_database_connections_are_tried_again_and_replaced(
    lonely: Desk, signer: Signer
) -> None:
    router = Router(dependencies=[Depends(public)])

    @router.post("/work")
    async def cut_off(session: Session) -> None:
        """A session may end others of its own role, and itself."""
        await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = 'notebook_app' AND datname = current_database()"
    )
    owner = signer.bearer(uuid4())
    async with served(create_app(lonely.settings(), routers=[router])) as client:
        for _ in range(3):
            assert_try_again(await client.post("/work"))
    async with lonely.api() as client:
        await asyncio.gather(*(client.get("/notes", headers=owner) for _ in range(10)))
        lonely.rows(kill)
        answers = await asyncio.gather(*(client.get("/notes", headers=owner) for _ in range(10)))
        assert {answer.status_code for answer in answers} <= {200, 503}

        async def well() -> bool:
            return (await client.get("/notes", headers=owner)).status_code == 200

        await eventually(well)


async def test_a_database_that_is_not_there_is_try_again_and_not_ready(
    lonely: Desk, signer: Signer
) -> None:
    closed = "postgresql://notebook_app:x@127.0.0.1:1/notebook"
    async with lonely.api(database_url=closed) as client:
        assert_try_again(await client.get("/notes", headers=signer.bearer(uuid4())))
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/healthz")).status_code == 200


async def test_a_defect_answers_without_telling_what_it_saw(shared: Desk) -> None:
    async with served(app_with(shared, "SELECT 'a secret' FROM no_such_table")) as client:
        answer = await client.post("/work")
    assert answer.status_code == 500
    assert answer.json() == {"type": "about:blank", "title": "A defect on our side", "status": 500}


async def test_a_connection_that_was_closed_while_idle_is_not_the_clients_trouble(
    lonely: Desk,
) -> None:
    app = app_with(lonely, "SELECT 1")
    async with served(app) as client:
        assert (await client.post("/work")).status_code == 200
        closing = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        lonely.rows(f"{closing} AND pid <> pg_backend_pid()", lonely.database)
        assert (await client.post("/work")).status_code == 200


async def test_what_is_lost_in_its_commit_is_unknown_and_not_done_again(shared: Desk) -> None:
    engine = create_engine(shared.settings().database_url, "test", 2)
    attempts: list[str] = []

    async def work(session: AsyncSession) -> None:
        attempts.append("work")
        await session.execute(text("SELECT 1"))
        connection = await session.connection()
        raw = await connection.get_raw_connection()

        @event.listens_for(session.sync_session, "before_commit")
        def lose(_session: object) -> None:
            raw.driver_connection.terminate()  # type: ignore[union-attr]

    with pytest.raises(TryAgain):
        await in_transaction(sessions_of(engine), work)
    assert attempts == ["work"]
    await engine.dispose()
