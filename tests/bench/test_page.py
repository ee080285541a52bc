"""A page that many look at: its finished answer, against a server that has nothing to do."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from stack.ports import free_ports
from stack.probes import says_ready
from stack.processes import running
from stack.programs import Program
from tests.bench import seeding
from tests.bench.callers import Caller, requests_per_second, written
from tests.bench.ground import Ground
from tests.bench.in_turns import in_turns
from tests.bench.report import Report, at_least
from tests.bench.work import work

DAYS_SHOWN = 7


def test_cached_public_page(prepared: Ground, report: Report) -> None:
    wanted = work(5, 30, datetime.now(UTC).date())
    database = prepared.copy("page")
    with prepared.connect(database) as connection:
        seeding.book(connection, prepared.studio, wanted)
        seeding.settle(connection)
    query = {
        "service_id": prepared.studio.services[wanted.people],
        "from": wanted.first,
        "to": wanted.first + timedelta(days=DAYS_SHOWN - 1),
    }
    path = f"/api/public/booking/{prepared.studio.slug}/availability?{urlencode(query)}"
    port = free_ports(1)[0]
    empty = Program(
        name="empty",
        module="tests.bench.empty_route",
        environment=prepared.environment(database, port),
        is_ready=says_ready(port),
    )
    with (
        running(empty, prepared.folder / "empty.log"),
        prepared.scheduling(database) as scheduling,
    ):
        size = len(Caller(scheduling).ask(path))
        rounds = in_turns(
            ours=lambda: requests_per_second(scheduling, written("GET", path)),
            empty=lambda: requests_per_second(port, written("GET", "/")),
        )
    report.keep(
        f"cached public page, a week of {wanted.people} people ({size / 1024:.0f} KB)",
        rounds.ratio("ours", "empty") * 100,
        at_least(40, "%"),
        ours=f"{rounds.median('ours'):,.0f}/s",
        other=f"empty JSON route {rounds.median('empty'):,.0f}/s",
    )
