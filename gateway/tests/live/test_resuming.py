"""A cut stream goes on with exactly what it missed."""

import asyncio
from uuid import uuid4

import nats
import pytest

from chassis.testing import eventually
from gateway.batches import Stored, read_batch
from gateway.live import source
from gateway.live.opening import reaches
from gateway.live.source import STREAM


@pytest.fixture
def titles():
    def of(frames):
        return [frame.data["title"] for frame in frames]

    return of


@pytest.mark.parametrize("remembered", [1000, 1], ids=["from memory", "out of the stream"])
@pytest.mark.parametrize("by", ["header", "query"])
async def test_a_cut_stream_gets_exactly_what_it_missed(
    serve, recorder, watch, tell, changed, titles, signer, business, remembered, by
):
    async with serve() as gateway:
        if remembered == 1:
            forget(gateway)
        bearer = signer.bearer(business)
        async with watch(gateway, bearer) as frames:
            await frames.next()
            await tell(changed(business, title="seen"))
            last = (await frames.next()).id
        missed = [changed(business, title=f"missed {n}") for n in range(40)]
        for event in missed:
            await tell(event, changed(uuid4(), title="foreign"))
        resumed = (
            watch(gateway, bearer | {"Last-Event-ID": last})
            if by == "header"
            else watch(gateway, bearer, last_event_id=last)
        )
        async with resumed as frames:
            assert titles(await frames.take(40)) == [event.entry.title for event in missed]
            await tell(changed(business, title="next"))
            assert titles([await frames.next()]) == ["next"]


def forget(gateway):
    """As a gateway that has only just started would have."""
    fan_out = gateway.app.state.streams.fan_out
    fan_out._recent = type(fan_out._recent)(maxlen=1)


async def test_another_gateway_goes_on_where_the_first_one_stopped(
    serve, recorder, watch, tell, changed, titles, signer, business
):
    async with serve() as first, serve() as second:
        bearer = signer.bearer(business)
        async with watch(first, bearer) as frames:
            last = (await frames.next()).id
        await tell(changed(business, title="missed"))
        async with watch(second, bearer | {"Last-Event-ID": last}) as frames:
            assert titles([await frames.next()]) == ["missed"]


async def test_nothing_is_lost_or_doubled_while_streams_are_cut_and_opened_again(
    gateway, watch, changed, titles, signer, business, nats_url
):
    bearer, count, told = signer.bearer(business), 1500, []
    connection = await nats.connect(nats_url)

    async def tell_without_a_pause():
        for n in range(count):
            event = changed(business, title=str(n))
            await connection.jetstream().publish(event.address, event.model_dump_json().encode())
            told.append(n)

    async with watch(gateway, bearer) as frames:
        last = (await frames.next()).id
    telling, seen = asyncio.create_task(tell_without_a_pause()), []
    while len(seen) < count:
        async with watch(gateway, bearer | {"Last-Event-ID": last}) as frames:
            # All that was missed, and some that only come now.
            wanted = min(len(told) + 3, count) - len(seen)
            seen += titles(await frames.take(wanted))
            last = frames.last_id
    assert seen == [str(n) for n in range(count)]
    await telling
    await connection.close()


async def test_a_gateway_that_lags_behind_tells_nothing_twice(
    serve, recorder, watch, tell, changed, titles, signer, business
):
    async with serve() as ahead, serve() as behind:
        bearer = signer.bearer(business)
        fan_out, waiting = behind.app.state.streams.fan_out, []
        async with watch(ahead, bearer) as frames, watch(behind, bearer):
            await frames.next()
            hand_out, fan_out._hand_out = fan_out._hand_out, waiting.append
            await tell(changed(business, title="1"), changed(business, title="2"))
            last = (await frames.take(2))[1].id
        async with watch(behind, bearer | {"Last-Event-ID": last}) as frames:
            await tell(changed(business, title="3"))

            async def has_all():
                return len(waiting) == 3

            await eventually(has_all)
            for change in waiting:
                hand_out(change)
            assert titles([await frames.next()]) == ["3"]


async def test_nothing_missed_means_that_nothing_is_said(
    gateway, watch, tell, changed, titles, signer, business
):
    bearer = signer.bearer(business)
    async with watch(gateway, bearer) as frames:
        last = (await frames.next()).id
    async with watch(gateway, bearer | {"Last-Event-ID": last}) as frames:
        await tell(changed(business, title="new"))
        assert titles([await frames.next()]) == ["new"]


@pytest.mark.parametrize("nonsense", ["yesterday", "-1", "9" * 18, "9" * 90, "1.5", "\u0663"])
async def test_an_id_that_was_never_given_out_means_reading_again(
    gateway, watch, signer, business, nonsense
):
    bearer = signer.bearer(business)
    async with watch(gateway, bearer) as frames:
        current = (await frames.next()).id
    async with watch(gateway, bearer, last_event_id=nonsense) as frames:
        frame = await frames.next()
        assert (frame.event, frame.data) == ("resync", {"read": "/api/calendar"})
        assert int(frame.id) >= int(current)


async def test_an_id_older_than_what_is_kept_means_reading_again(
    serve, recorder, watch, tell, changed, titles, signer, business, nats_url
):
    async with serve() as gateway:
        bearer = signer.bearer(business)
        async with watch(gateway, bearer) as frames:
            old = (await frames.next()).id
            await tell(*(changed(business, title=f"{n}") for n in range(3)))
            ids = [frame.id for frame in await frames.take(3)]
        connection = await nats.connect(nats_url)
        # As the stream forgets what is a day old.
        await connection.jetstream().purge_stream(STREAM, seq=int(ids[1]))
        await connection.close()
        forget(gateway)
        async with watch(gateway, bearer | {"Last-Event-ID": old}) as frames:
            frame = await frames.next()
            assert (frame.event, frame.id) == ("resync", ids[-1])
        async with watch(gateway, bearer | {"Last-Event-ID": ids[0]}) as frames:
            assert titles([await frames.next()]) == ["1"]


async def test_more_than_a_thousand_missed_changes_mean_reading_again(
    serve, recorder, watch, tell, changed, signer, business
):
    async with serve() as gateway:
        bearer = signer.bearer(business)
        async with watch(gateway, bearer) as frames:
            last = (await frames.next()).id
        await tell(*(changed(business) for _ in range(1001)))
        fan_out = gateway.app.state.streams.fan_out

        async def arrived():
            return fan_out.position >= int(last) + 1001

        await eventually(arrived)
        async with watch(gateway, bearer | {"Last-Event-ID": last}) as frames:
            assert (await frames.next()).event == "resync"


def test_what_a_replica_that_lags_has_said_is_not_taken_for_all():
    found = [Stored(sequence, "", {}, b"") for sequence in (5, 8)]
    assert reaches(found, newest=8, seen=3)
    assert reaches(found, newest=7, seen=3)
    assert not reaches(found, newest=9, seen=3)
    assert not reaches([], newest=4, seen=3)
    assert reaches([], newest=3, seen=3)
    assert reaches([], newest=0, seen=3)


async def test_what_nats_cuts_short_is_not_taken_for_all(gateway, tell, changed, business):
    runtime = gateway.app.state.runtime
    await tell(*(changed(business) for _ in range(3)))
    wanted = {"seq": 1, "next_by_subj": source.of_business(str(business))}

    async def all_there():
        found = await read_batch(runtime, source.STREAM, batch=10, **wanted)
        return found is not None and len(found) == 3

    await eventually(all_there)
    cut = await read_batch(runtime, source.STREAM, batch=2, **wanted)
    assert cut is not None
    assert len(cut) == 2
    assert await read_batch(runtime, source.STREAM, batch=10, max_bytes=1, **wanted) is None
    newest = await source.newest_of(runtime, str(business))
    assert newest > cut[-1].sequence
    assert await source.newest_of(runtime, str(uuid4())) == 0
