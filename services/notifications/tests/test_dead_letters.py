"""Dead letters are sent again all together, each as it would be by itself."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest

from contracts.catalog import MemberInvited
from contracts.permissions import Permission
from notifications.messages import sending_again
from notifications.testing import Studio
from services.notifications.tests.reading import Reader

ALL = {"state": "failed"}


def change(reader: Reader, query: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(reader.database_url) as connection:
        whose = (str(reader.studio.business_id),)
        connection.execute("SELECT set_config('app.business_id', %s, true)", whose)
        done = connection.execute(query.encode(), values)
        return done.fetchall() if done.description else []


async def dead(reader: Reader, count: int = 3, **changed: Any) -> list[str]:
    """So many confirmations that no server would take; oldest first."""
    for _ in range(count):
        await reader.studio.confirm(**changed)
    found = await reader.told(count, kind="appointment_confirmed")
    change(
        reader,
        "UPDATE messages SET state = 'failed', failed_reason = '550', next_attempt_at = NULL",
    )
    return [one["id"] for one in found]


async def ask(reader: Reader, headers: Any = None, **wanted: Any) -> httpx2.Response:
    known = reader.owner | (headers or {})
    return await reader.api.post("/api/messages/resend", json=ALL | wanted, headers=known)


async def resent(reader: Reader, **wanted: Any) -> dict[str, Any]:
    answer = await ask(reader, **wanted)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_all_of_them_are_sent_again_and_asked_twice_once(reader: Reader) -> None:
    ids = await dead(reader)
    first = await resent(reader)
    assert first == {"resent": 3, "skipped": [], "remaining": 0, "next_cursor": None}
    queued = await reader.all(state="queued")
    assert [one["copy"] for one in queued] == [1] * 3
    again = await resent(reader)
    assert (again["resent"], again["skipped"]) == (0, [])
    assert len(await reader.all()) == 6
    # A copy that dies as well is the one that is sent again.
    change(reader, "UPDATE messages SET state = 'failed', next_attempt_at = NULL WHERE copy = 1")
    assert (await resent(reader))["resent"] == 3
    assert sorted(one["copy"] for one in await reader.all()) == [0] * 3 + [1] * 3 + [2] * 3
    assert set(ids) <= {one["id"] for one in await reader.all(state="failed")}
    noted = "SELECT count(*) FROM audit_trail WHERE action = 'message.sent_again'"
    assert change(reader, noted) == [(6,)]


async def test_many_who_ask_at_once_send_each_once(reader: Reader) -> None:
    ids = await dead(reader)
    answers = await asyncio.gather(
        *(ask(reader) for _ in range(5)),
        reader.api.post(f"/api/messages/{ids[0]}/resend", headers=reader.owner),
    )
    assert {answer.status_code for answer in answers} <= {200, 201, 409, 503}
    by_bulk = sum(one.json()["resent"] for one in answers if one.status_code == 200)
    alone = [one.status_code for one in answers].count(201)
    again = await reader.all(state="queued")
    assert len(again) == by_bulk + alone
    # The single one may come first, and last of all too.
    assert (by_bulk, alone) in ((3, 0), (3, 1), (2, 1))
    assert len({one["about"] for one in again}) == 3


async def test_by_kind_and_time(reader: Reader) -> None:
    ids = await dead(reader)
    middle = datetime.now(UTC) - timedelta(days=3)
    change(reader, "UPDATE messages SET queued_at = %s WHERE id = %s", middle, ids[1])
    assert (await resent(reader, kind="package_sold"))["resent"] == 0
    a_second = timedelta(seconds=1)
    for since, until, count in (
        (middle + a_second, middle + 2 * a_second, 0),
        (middle - a_second, middle, 0),
        (middle, middle + a_second, 1),
        (middle + a_second, None, 2),
    ):
        wanted = {"since": since.isoformat()} | ({"until": until.isoformat()} if until else {})
        assert (await resent(reader, **wanted))["resent"] == count, wanted


async def test_so_many_at_once_and_the_rest_by_the_cursor(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    await dead(reader, 5)
    monkeypatch.setattr(sending_again, "AT_ONCE", 2)
    first = await resent(reader)
    assert (first["resent"], first["remaining"]) == (2, 3)
    second = await resent(reader, cursor=first["next_cursor"])
    assert (second["resent"], second["remaining"]) == (2, 1)
    last = await resent(reader, cursor=second["next_cursor"])
    assert (last["resent"], last["remaining"], last["next_cursor"]) == (1, 0, None)


async def test_what_would_be_refused_by_itself_is_skipped_and_says_why(
    reader: Reader, studio: Studio
) -> None:
    booked = await studio.confirm()
    await studio.tell(studio.cancelled(booked))
    soon = datetime.now(UTC) + timedelta(hours=1)
    over = await studio.confirm(starts_at=soon)
    invited = MemberInvited(
        business_id=studio.business_id,
        occurred_at=datetime.now(UTC),
        invitation_id=uuid4(),
        email=f"{uuid4().hex}@example.com",
        business_name="Core Berlin",
        locale="de-DE",
        accept_url="http://localhost:8000/join?token=s3cret",
        expires_at=datetime.now(UTC) + timedelta(days=7),
    )
    await studio.tell(invited)
    await reader.told(4)
    change(reader, "UPDATE messages SET state = 'failed', next_attempt_at = NULL")
    past = {"ends_at": "2020-01-01T10:00:00Z", "starts_at": "2020-01-01T09:00:00Z"}
    for name, value in past.items():
        change(
            reader,
            "UPDATE messages SET context = jsonb_set(context, ARRAY['appointment', %s],"
            " to_jsonb(%s::text)) WHERE about = %s",
            name,
            value,
            over.id,
        )
    told = await resent(reader)
    why = {(one["kind"], one["reason"]) for one in told["skipped"]}
    assert why == {
        ("appointment_confirmed", "message-overtaken"),
        ("appointment_confirmed", "message-outdated"),
        ("member_invited", "message-held-secret"),
    }
    assert told["resent"] == 1, "the cancellation"
    assert len(await reader.all(state="queued")) == 1
    for one in told["skipped"]:
        alone = await reader.api.post(f"/api/messages/{one['id']}/resend", headers=reader.owner)
        assert alone.json()["type"] == f"/problems/{one['reason']}"


async def test_one_key_one_effect_and_another_business_has_none(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    await dead(reader)
    stranger = reader.signer.bearer(uuid4())
    assert (await ask(reader, headers=stranger)).json()["resent"] == 0
    staff = reader.signer.bearer(reader.studio.business_id, Permission.MANAGE_STAFF, role="staff")
    assert (await ask(reader, headers=staff)).status_code == 403
    assert (await reader.api.post("/api/messages/resend", json=ALL)).status_code == 401
    monkeypatch.setattr(sending_again, "AT_ONCE", 1)
    key = reader.owner | {"Idempotency-Key": uuid4().hex}
    answers = [await ask(reader, headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(await reader.all(state="queued")) == 1
    reused = await ask(reader, headers=key, kind="package_sold")
    assert reused.status_code == 422


async def test_whatever_is_asked_is_refused_and_never_a_defect(reader: Reader) -> None:
    for odd in (
        {"state": "sent"},
        {"state": None},
        {"kind": "spam"},
        {"since": "yesterday"},
        {"since": "2027-01-01T00:00:00"},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"until": "9999-12-31T23:59:59-14:00"},
        {"since": "2027-01-02T00:00:00Z", "until": "2027-01-02T00:00:00Z"},
        {"cursor": "x"},
        {"cursor": "WzFd"},
        {"cursor": "x" * 3000},
        {"recipient": "ana@example.com"},
    ):
        answer = await ask(reader, **odd)
        assert answer.status_code == 422, (odd, answer.text)
