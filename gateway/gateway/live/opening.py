"""What a stream begins with: a snapshot's id, or exactly what was missed."""

from chassis.runtime import Connected
from gateway.batches import Stored, read_batch
from gateway.live import source
from gateway.live.changes import HEARTBEAT, Change, resync, snapshot
from gateway.live.fan_out import FanOut
from gateway.live.stream import Stream

MOST_MISSED = 1000
"""Reading the calendar once is quicker than more changes than these."""
LONGEST_ID = 19


async def open_with(
    runtime: Connected, fan_out: FanOut, stream: Stream, last_event_id: str | None
) -> None:
    """The stream listens already, so nothing can fall between what is read here and what comes."""
    now_at = stream.begins_after
    if last_event_id is None:
        stream.begin_with([snapshot(now_at)], after=now_at)
        return
    seen = sequence_in(last_event_id)
    missed = None if seen is None else await missed_since(runtime, fan_out, stream, seen)
    if seen is None or missed is None:
        stream.begin_with([resync(now_at)], after=now_at)
    else:
        frames = [change.frame_for(stream.view) for change in missed]
        stream.begin_with(frames or [HEARTBEAT], after=seen)


def sequence_in(last_event_id: str) -> int | None:
    is_one = last_event_id.isascii() and last_event_id.isdigit()
    return int(last_event_id) if is_one and len(last_event_id) <= LONGEST_ID else None


async def missed_since(
    runtime: Connected, fan_out: FanOut, stream: Stream, seen: int
) -> list[Change] | None:
    """Up to where the stream began to listen; None where that cannot be said any more."""
    until = stream.begins_after
    if seen > until:
        # Another gateway was ahead of this one, unless the live stream was made anew.
        return [] if seen <= (await source.state_of(runtime)).last_seq else None
    remembered = fan_out.since(seen, stream.business_id)
    if remembered is not None:
        return [change for change in remembered if change.sequence <= until]
    newest = await source.newest_of(runtime, stream.business_id)
    messages = await read_batch(
        runtime,
        source.STREAM,
        seq=seen + 1,
        next_by_subj=source.of_business(stream.business_id),
        batch=MOST_MISSED + 1,
    )
    if messages is None or len(messages) > MOST_MISSED or not reaches(messages, newest, seen):
        return None
    # Asked afterwards: what is still there now was there when it was read.
    if seen + 1 < (await source.state_of(runtime)).first_seq:
        return None
    found = (Change(one.sequence, one.subject, one.body) for one in messages)
    return [change for change in found if change.sequence <= until]


def reaches(messages: list[Stored], newest: int, seen: int) -> bool:
    """False where a replica that lags has answered, without the newest that was there before."""
    return max((one.sequence for one in messages), default=seen) >= newest
