"""A week full of classes, with all who come and all who wait, merged with people's own time."""

import json
from collections import Counter
from itertools import repeat
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from tests.bench import seeding
from tests.bench.callers import Caller, crowd, written
from tests.bench.class_seeding import MACHINES, Classes
from tests.bench.report import Report, at_most
from tests.bench.studio import Studio as Staffed
from tests.bench.test_week import WEEK, monday
from tests.bench.whole_stack import WholeStack
from tests.studio import sign_up

SESSIONS, APPOINTMENTS = 500, 300
"""Of one week; there are as many sessions in the week before it and in the one after."""
READS, WARM_UP = 200, 20


def check(calendar: dict[str, Any]) -> None:
    kinds = Counter(entry["kind"] for entry in calendar["entries"])
    assert abs(kinds["class_session"] - SESSIONS) <= 8
    assert abs(kinds["appointment"] - APPOINTMENTS) <= 2
    numbers = {
        (entry["booked"], entry["capacity"], entry["waiting"])
        for entry in calendar["entries"]
        if entry["kind"] == "class_session"
    }
    assert numbers == {(MACHINES, MACHINES, 1)}


def test_class_week(whole: WholeStack, report: Report) -> None:
    studio = whole.with_gateway(sign_up)
    business_id, begins = UUID(studio.business_id), monday()
    with whole.connect("pilates") as connection:
        Classes(business_id, begins - WEEK, 3 * SESSIONS).book(connection)
    with whole.connect("scheduling") as connection:
        every = WEEK / APPOINTMENTS
        staffed = Staffed(id=business_id)
        seeding.book_many(connection, staffed, APPOINTMENTS, begins + WEEK / 2, every)
    for database in ("pilates", "scheduling"):
        with whole.connect(database) as connection:
            connection.autocommit = True
            seeding.settle(connection)
    query = urlencode({"from": begins.isoformat(), "to": (begins + WEEK).isoformat()})
    path = f"/api/calendar?{query}"
    caller = Caller(whole.port("gateway"), studio.bearer)
    check(json.loads(caller.ask(path)))
    request = written("GET", path, studio.bearer)
    crowd(whole.port("gateway"), repeat(request, WARM_UP), 1)
    answers = crowd(whole.port("gateway"), repeat(request, READS), 1)
    assert answers.statuses == {200: READS}
    report.keep(
        f"calendar week of {SESSIONS} classes of {MACHINES} places and {APPOINTMENTS} appointments"
        " through the gateway: p95",
        answers.percentile(95) * 1000,
        at_most(80, "ms"),
        ours=f"p50 {answers.percentile(50) * 1000:.0f} ms",
    )
