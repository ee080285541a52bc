"""Three walls between businesses: the query, the key, and row-level security, tested here."""

from uuid import uuid4

import httpx2
import psycopg
import pytest
from notebook.desk import Desk

from chassis.migrate import UNSCOPED
from stack.signer import Signer


async def test_a_route_that_forgets_to_enter_a_business_sees_nothing(
    api: httpx2.AsyncClient, signer: Signer
) -> None:
    await api.post("/notes", json={"title": "a"}, headers=signer.bearer(uuid4()))
    seen = await api.get("/everybodys-notes")
    assert (seen.status_code, seen.json()) == (200, 0)


async def test_a_query_that_forgets_its_business_sees_its_callers_rows_alone(
    api: httpx2.AsyncClient, signer: Signer
) -> None:
    """The list of notes names no business at all."""
    mine, yours = signer.bearer(uuid4()), signer.bearer(uuid4())
    await api.post("/notes", json={"title": "mine"}, headers=mine)
    await api.post("/notes", json={"title": "yours"}, headers=yours)
    listed = await api.get("/notes", headers=mine)
    assert [note["title"] for note in listed.json()["items"]] == ["mine"]


def test_rows_of_another_business_can_be_neither_written_nor_taken_over(shared: Desk) -> None:
    mine, yours = uuid4(), uuid4()
    insert = "INSERT INTO notes (business_id, title, written_at) VALUES (%s, 'a', now())"
    url = shared.settings().database_url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT set_config('app.business_id', %s, false)", [str(yours)])
        connection.execute(insert, [yours])
        connection.execute("SELECT set_config('app.business_id', %s, false)", [str(mine)])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(insert, [yours])
        assert connection.execute("UPDATE notes SET title = 'mine'").rowcount == 0
        assert connection.execute("DELETE FROM notes").rowcount == 0
        connection.execute(insert, [mine])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE notes SET business_id = %s", [yours])


def test_every_table_with_a_business_is_walled_off_even_for_its_owner(shared: Desk) -> None:
    tables = {
        row["relname"]: (row["relrowsecurity"], row["relforcerowsecurity"])
        for row in shared.rows(
            "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    }
    scoped = tables.keys() - UNSCOPED - {"alembic_version"}
    assert scoped == {"notes", "tallies", "audit_trail"}
    assert {tables[name] for name in scoped} == {(True, True)}


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_trail SET actor = 'x'", "DELETE FROM audit_trail", "DROP TABLE notes",
     "CREATE TABLE mine (id int)", "ALTER TABLE notes DISABLE ROW LEVEL SECURITY"],
)  # fmt: skip
def test_the_app_role_owns_nothing_and_cannot_rewrite_the_audit_trail(
    shared: Desk, statement: str
) -> None:
    with (
        psycopg.connect(shared.settings().database_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


async def test_foreign_unknown_and_malformed_ids_answer_alike(
    api: httpx2.AsyncClient, signer: Signer
) -> None:
    made = await api.post("/notes", json={"title": "a"}, headers=signer.bearer(uuid4()))
    stranger = signer.bearer(uuid4())
    ids = [made.json()["id"], str(uuid4()), "no-id", "%00", "1" * 500]
    answers = [await api.get(f"/notes/{id_}", headers=stranger) for id_ in ids]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (404, answers[0].content)
    }
    assert (await api.get("/no/such/path")).content == answers[0].content
