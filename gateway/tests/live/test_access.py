"""Who may open a stream, how many, and for how long."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from chassis.revocations import revoke
from chassis.testing import eventually
from stack.signer import Signer

LIVE = "/api/calendar/live"
TICKETS = f"{LIVE}/tickets"


async def ticket_of(gateway, headers):
    answer = await gateway.client.post(TICKETS, headers=headers)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    return answer.json()["ticket"]


async def test_a_ticket_opens_one_stream_with_its_members_rights(
    gateway, watch, tell, changed, refusal, signer, business
):
    ticket = await ticket_of(gateway, signer.bearer(business, role="staff"))
    async with watch(gateway, ticket=ticket) as frames:
        await frames.next()
        await tell(changed(business))
        assert (await frames.next()).data["title"] == "Busy"
    with pytest.raises(refusal) as refused:
        async with watch(gateway, ticket=ticket):
            pass
    assert refused.value.answer.status_code == 401
    assert refused.value.problem["type"] == "/problems/ticket-used-up"
    assert "get another" in refused.value.problem["title"]


async def test_two_gateways_do_not_both_take_a_ticket(
    serve, recorder, watch, refusal, signer, business
):
    async with serve() as first, serve() as second:
        for _ in range(20):
            ticket, opened = await ticket_of(first, signer.bearer(business)), []

            async def try_it(gateway, ticket=ticket, opened=opened):
                async with watch(gateway, ticket=ticket):
                    opened.append(gateway)

            tries = (try_it(gateway) for gateway in (first, second) * 3)
            ended = await asyncio.gather(*tries, return_exceptions=True)
            assert len(opened) == 1
            refused = [one.answer.status_code for one in ended if isinstance(one, refusal)]
            assert refused == [401] * 5


async def test_a_ticket_lives_thirty_seconds(
    serve, recorder, watch, refusal, signer, business, tmp_path
):
    clock = tmp_path / "clock"
    issued_at = datetime.now(UTC)
    clock.write_text(issued_at.isoformat())
    async with serve(clock=clock, embedded=True) as gateway:
        bearer = signer.bearer(business)
        early, late = await ticket_of(gateway, bearer), await ticket_of(gateway, bearer)
        clock.write_text((issued_at + timedelta(seconds=29.9)).isoformat())
        async with watch(gateway, ticket=early):
            pass
        clock.write_text((issued_at + timedelta(seconds=30)).isoformat())
        with pytest.raises(refusal) as refused:
            async with watch(gateway, ticket=late):
                pass
        assert refused.value.problem["type"] == "/problems/ticket-used-up"


@pytest.mark.parametrize("name", ["access_token", "token", "Authorization"])
async def test_a_token_in_the_address_is_refused(gateway, watch, refusal, signer, business, name):
    bearer = signer.bearer(business)
    token = bearer["Authorization"].removeprefix("Bearer ")
    for headers in ({}, bearer):
        with pytest.raises(refusal) as refused:
            async with watch(gateway, headers, **{name: token}):
                pass
        assert refused.value.problem["type"] == "/problems/unauthenticated"
        assert "no place in a URL" in refused.value.problem["detail"]


async def test_without_anything_or_with_anothers_token_there_is_no_stream(
    gateway, watch, refusal, business, tmp_path
):
    for headers in ({}, Signer(tmp_path).bearer(business), {"Authorization": "Basic YTpi"}):
        with pytest.raises(refusal) as refused:
            async with watch(gateway, headers):
                pass
        assert refused.value.answer.status_code == 401
        assert (await gateway.client.post(TICKETS, headers=headers)).status_code == 401
    with pytest.raises(refusal) as refused:
        async with watch(gateway, ticket="x" * 43):
            pass
    assert refused.value.problem["type"] == "/problems/ticket-used-up"


async def test_the_sixth_stream_of_an_account_is_refused_at_whatever_gateway(
    serve, recorder, watch, refusal, signer, business
):
    account = {"sub": str(uuid4())}
    bearer = signer.bearer(business, **account)
    async with serve() as first, serve() as second, AsyncExitStack() as stack:
        for gateway in (first, second, first, second):
            await stack.enter_async_context(watch(gateway, bearer))
        async with watch(first, bearer) as fifth:
            await fifth.next()
            with pytest.raises(refusal) as refused:
                async with watch(second, signer.bearer(uuid4(), **account)):
                    pass
            assert refused.value.answer.status_code == 429
            assert refused.value.problem["type"] == "/problems/too-many-streams"
            assert refused.value.problem["most"] == 5
            assert int(refused.value.answer.headers["Retry-After"]) > 0
            async with watch(second, signer.bearer(business)) as of_another:
                await of_another.next()

        async def there_is_room_again():
            try:
                async with watch(second, bearer) as frames:
                    return await frames.next()
            except refusal:
                return None

        await eventually(there_is_room_again)


async def test_a_stream_ends_within_five_seconds_of_a_revocation(
    gateway, watch, refusal, signer, business
):
    revoked, untouched = uuid4(), uuid4()
    bearer = signer.bearer(business, member_id=str(revoked))
    async with (
        watch(gateway, bearer) as ends,
        watch(gateway, signer.bearer(business, member_id=str(untouched))) as stays,
    ):
        await ends.next()
        await stays.next()
        ticket = await ticket_of(gateway, bearer)
        runtime = gateway.app.state.runtime
        await revoke(runtime, revoked, datetime.now(UTC) + timedelta(seconds=1))
        assert await ends.end(within_seconds=5) == []
        with pytest.raises(refusal) as refused:
            async with watch(gateway, ticket=ticket):
                pass
        assert refused.value.problem["type"] == "/problems/unauthenticated"

        async def one_stays():
            # Those of who has just left may not be forgotten yet.
            return len(gateway.app.state.streams._streams) == 1

        await eventually(one_stays)


async def test_a_stream_ends_in_the_end_so_that_clients_come_back_with_fresh_rights(
    serve, recorder, watch, signer, business
):
    async with serve() as gateway:
        gateway.app.state.streams.lasts_seconds = 0.1
        async with watch(gateway, signer.bearer(business)) as frames:
            assert [frame.event for frame in await frames.end()] == ["snapshot"]


@pytest.mark.parametrize("query", [{"colour": "red"}, {"last_event_id": "1", "ticket": "short"}])
async def test_a_question_that_is_none_is_refused(gateway, watch, refusal, signer, business, query):
    with pytest.raises(refusal) as refused:
        async with watch(gateway, signer.bearer(business), **query):
            pass
    assert refused.value.answer.status_code == 422
