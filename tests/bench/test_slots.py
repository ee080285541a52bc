"""Slots: the route against a peer's, and the pure function against the obvious loop."""

import json
import time
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from scheduling.slots.free_slots import Interval, SlotShape, free_slots
from tests.bench import oracle, seeding
from tests.bench.calibration import at_reference_speed
from tests.bench.callers import Caller
from tests.bench.ground import Ground
from tests.bench.in_turns import in_turns
from tests.bench.oracle import BEFORE
from tests.bench.peers.throw_away import NotMeasured, Peers
from tests.bench.report import Report, at_least, at_most
from tests.bench.studio import BUFFER_AFTER, BUFFER_BEFORE, DURATION, STEP
from tests.bench.work import BLOCK, Work, shift, work

PEER = "django-appointment"
GOAL = at_least(200)


@pytest.mark.parametrize(("people", "days", "shares"), [(5, 30, 1), (20, 60, 5)])
def test_route(
    prepared: Ground, peers: Peers, report: Report, people: int, days: int, shares: int
) -> None:
    """Of the larger one the peer does a fifth of the people a round, which is counted five times.

    All of them would take it minutes, and its time grows with each person alike.
    """
    wanted = work(people, days, datetime.now(UTC).date())
    what = f"slot route, {wanted} (HTTP, database, JSON)"
    database = prepared.copy(f"slots_{people}")
    with prepared.connect(database) as connection:
        seeding.book(connection, prepared.studio, wanted)
        seeding.settle(connection)
    with prepared.scheduling(database) as port:
        caller, path = Caller(port, prepared.bearer), path_of(prepared, wanted)
        answer = json.loads(caller.ask(path))
        assert oracle.told_by(answer, prepared.studio.staff) == oracle.free_starts(wanted)
        try:
            told = told_to_peer(prepared, wanted) | {"shares": shares}
            with peers.peer("appointment_slots", told) as peer:
                rounds = in_turns(
                    ours=lambda: caller.seconds(path), peer=lambda: peer.seconds() * shares
                )
                assert peer.found > 0
        except NotMeasured as why:
            report.leave_out(what, GOAL, f"{PEER}: {why}")
            return
    report.keep(
        what,
        rounds.ratio("peer", "ours"),
        GOAL,
        ours=f"{rounds.median('ours') * 1000:.2f} ms",
        other=f"{PEER} {rounds.median('peer'):.2f} s",
    )


def path_of(ground: Ground, wanted: Work) -> str:
    query = {
        "service_id": ground.studio.services[wanted.people],
        "from": wanted.first,
        "to": wanted.last,
    }
    # The member's route, whose answers nobody keeps.
    return f"/api/availability?{urlencode(query)}"


def told_to_peer(ground: Ground, wanted: Work) -> dict[str, object]:
    return {
        "database_url": ground.empty_database(f"peer_{wanted.people}_{wanted.days}"),
        "people": wanted.people,
        "first": str(wanted.first),
        "days": wanted.days,
        "duration": DURATION,
        "step": STEP,
        "buffer_after": BUFFER_AFTER,
        # It knows no nights, so that whoever works at night does so by day.
        "bookings": [
            (booking.person, str(booking.day), int(booking.after_opening.total_seconds()) // 60)
            for booking in wanted.bookings
        ],
    }


SHAPE = SlotShape(DURATION * 60, BUFFER_BEFORE * 60, BUFFER_AFTER * 60, STEP * 60)
Person = tuple[list[Interval], list[Interval]]
"""Working and busy."""


def fast(people: list[Person], starts: Interval) -> list[list[int]]:
    return [list(free_slots(working, busy, SHAPE, starts)) for working, busy in people]


def naive(people: list[Person], starts: Interval) -> list[list[int]]:
    """Tries every start against every booking."""
    duration, before, after, step = SHAPE
    return [
        [
            start
            for opens, closes in working
            for start in range(opens, closes - duration + 1, step)
            if starts[0] <= start < starts[1]
            and all(start + duration + after <= b or e <= start - before for b, e in busy)
        ]
        for working, busy in people
    ]


def test_pure_function(report: Report) -> None:
    wanted = work(5, 30, datetime.now(UTC).date())
    people = [person(wanted, number) for number in range(wanted.people)]
    starts = (people[1][0][0][0], people[1][0][-1][1])
    assert fast(people, starts) == naive(people, starts)

    def seconds(times: int, find: object) -> float:
        begun = time.process_time()
        for _ in range(times):
            find(people, starts)  # type: ignore[operator]
        return (time.process_time() - begun) / times

    rounds = in_turns(
        fast=lambda: seconds(50, fast),
        naive=lambda: seconds(1, naive),
        scaled=lambda: at_reference_speed(lambda: seconds(5, fast)),
    )
    ours = f"{rounds.median('fast') * 1000:.2f} ms"
    what = f"free_slots, {wanted}"
    report.keep(
        f"{what}, at the reference's speed",
        rounds.median("scaled") * 1000,
        at_most(0.6, "ms"),
        ours=ours,
    )
    report.keep(
        f"{what}, against the naive loop",
        rounds.ratio("naive", "fast"),
        at_least(10),
        ours=ours,
        other=f"naive loop {rounds.median('naive') * 1000:.1f} ms",
    )


def person(wanted: Work, number: int) -> Person:
    def interval(begins: datetime, ends: datetime) -> Interval:
        return int(begins.timestamp()), int(ends.timestamp())

    working = [interval(*shift(number, day)) for day in wanted.all_days]
    starts = [booking.starts_at for booking in wanted.bookings if booking.person == number]
    return working, [interval(start - BEFORE, start - BEFORE + BLOCK) for start in starts]
