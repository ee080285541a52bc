"""A place in a class: room, spot, credit and queue in one transaction, through the gateway."""

from collections.abc import Iterator
from datetime import timedelta

import httpx2

from tests.bench.callers import crowd, written
from tests.bench.report import Report, at_most
from tests.bench.whole_stack import WholeStack
from tests.classes import ClassStudio, open_class_studio

SESSIONS, SEATS = 20, 12


async def prepared(
    gateway: httpx2.AsyncClient,
) -> tuple[ClassStudio, list[str]]:
    studio = await open_class_studio(gateway)
    room = await studio.room_with(SEATS)
    template = await studio.template(capacity=SEATS, room_id=room, spot_kind="reformer")
    emails = [f"client-{number}@{studio.studio.slug}.example.com" for number in range(SEATS)]
    await studio.introduce(*emails)
    await studio.sell(await studio.package_type(SESSIONS + 1), *emails)
    begins = studio.studio.first_midnight
    sessions = [
        await studio.session(template, begins + timedelta(hours=number))
        for number in range(SESSIONS)
    ]
    return studio, sessions


def requests(studio: ClassStudio, sessions: list[str]) -> Iterator[bytes]:
    for customer in studio.customers.values():
        for session in sessions:
            wish = {"customer_id": customer}
            path = f"/api/class-sessions/{session}/attendances"
            yield written("POST", path, studio.studio.bearer, told=wish)


def test_place(whole: WholeStack, report: Report) -> None:
    studio, sessions = whole.with_gateway(prepared)
    every = list(requests(studio, sessions))
    warm_up, measured = every[: len(sessions)], every[len(sessions) :]
    crowd(whole.port("gateway"), iter(warm_up), 1)
    answers = crowd(whole.port("gateway"), iter(measured), 1)
    assert answers.statuses == {201: len(measured)}
    report.keep(
        f"a place in a class of {SEATS}, with spot and credit, through the gateway: p95",
        answers.percentile(95) * 1000,
        at_most(60, "ms"),
        ours=f"p50 {answers.percentile(50) * 1000:.0f} ms",
    )
