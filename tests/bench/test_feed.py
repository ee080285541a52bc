"""A feed of a thousand events, against those who write the same from scratch or from files."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
from icalendar import Calendar

from scheduling.appointments.models import Appointment
from scheduling.feeds.models import rendered
from stack.ports import free_ports, is_free
from stack.processes import DidNotStart, running
from stack.programs import Program
from tests.bench.callers import Caller
from tests.bench.in_turns import in_turns
from tests.bench.peers.throw_away import NotMeasured, Peers
from tests.bench.report import Report, at_least
from tests.bench.whole_stack import WholeStack
from tests.studio import Studio, sign_up

EVENTS = 1000
WHAT = f"feed of {EVENTS:,} events through the gateway"
GOAL = at_least(20)
FIELDS = ("UID", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS", "DESCRIPTION")
USER, COLLECTION = "/bench/", "/bench/calendar/"


def test_feed(whole: WholeStack, peers: Peers, report: Report, tmp_path: Path) -> None:
    studio = whole.with_gateway(sign_up)
    keep_events(whole, UUID(studio.business_id))
    path = asyncio.run(address(whole, studio))
    caller = Caller(whole.port("gateway"))
    text = caller.ask(path)
    calendar = Calendar.from_ical(text)
    assert len(calendar.events) == EVENTS

    def written_anew() -> float:
        begun = time.perf_counter()
        calendar.to_ical()
        return time.perf_counter() - begun

    rounds = in_turns(ours=lambda: caller.seconds(path), peer=written_anew)
    ours = f"{rounds.median('ours') * 1000:.2f} ms"
    report.keep(
        f"{WHAT}, against icalendar's to_ical",
        rounds.ratio("peer", "ours"),
        GOAL,
        ours=ours,
        other=f"icalendar {rounds.median('peer') * 1000:.0f} ms",
    )
    try:
        with radicale(peers, tmp_path, text) as other:
            assert facts(other.ask(COLLECTION)) == facts(text)
            rounds = in_turns(
                ours=lambda: caller.seconds(path), peer=lambda: other.seconds(COLLECTION, 3)
            )
    except NotMeasured as why:
        report.leave_out(f"{WHAT}, against a Radicale GET", GOAL, str(why))
        return
    report.keep(
        f"{WHAT}, against a Radicale GET",
        rounds.ratio("peer", "ours"),
        GOAL,
        ours=f"{rounds.median('ours') * 1000:.2f} ms",
        other=f"Radicale {rounds.median('peer') * 1000:.0f} ms",
    )


def keep_events(whole: WholeStack, business_id: UUID) -> None:
    """As booking keeps them, in the table that feeds are read from."""
    now = datetime.now(UTC)
    with whole.connect("scheduling") as connection:
        for number in range(EVENTS):
            starts_at = now.replace(microsecond=0) + timedelta(minutes=45 * number)
            appointment = Appointment(
                business_id=business_id,
                id=uuid4(),
                sequence=number % 3,
                status="confirmed",
                service_name="Reformer, private",
                staff_id=business_id,
                staff_name="Tessa Teacher",
                customer_id=None,
                customer_name=f"Gitta Gäste-Größe {number}",
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=30),
            )
            row = rendered(appointment, now)
            columns = ", ".join(row)
            places = ", ".join(f"%({column})s" for column in row)
            connection.execute(f"INSERT INTO feed_events ({columns}) VALUES ({places})", row)
        connection.execute("VACUUM ANALYZE feed_events")


async def address(whole: WholeStack, studio: Studio) -> str:
    """The path of a feed of the whole business, with names."""
    async with httpx2.AsyncClient(base_url=whole.running.url, headers=studio.bearer) as client:
        wanted = {"scope": "business", "names": True, "title": "Bench"}
        answer = await client.post("/api/feeds", json=wanted)
        assert answer.status_code == 201, answer.text
        return httpx2.URL(answer.json()["url"]).path


@contextmanager
def radicale(peers: Peers, folder: Path, text: bytes) -> Iterator[Caller]:
    """With its own storage, which has the same events."""
    port = free_ports(1)[0]
    options = {
        "server-hosts": f"127.0.0.1:{port}",
        "storage-filesystem-folder": str(folder / "radicale"),
        "auth-type": "none",
        "web-type": "none",
        "logging-level": "error",
    }
    program = Program(
        name="radicale",
        command=(
            *(str(peers.python()), "-m", "radicale", "--config", ""),
            *(word for name, value in options.items() for word in (f"--{name}", value)),
        ),
        is_ready=lambda: not is_free(port),
    )
    try:
        with running(program, folder / "radicale.log"):
            store(f"http://127.0.0.1:{port}", text)
            yield Caller(port)
    except DidNotStart as why:
        raise NotMeasured(str(why).splitlines()[-1]) from why


def store(url: str, text: bytes) -> None:
    whole = {"Content-Type": "text/calendar; charset=utf-8"}
    with httpx2.Client(base_url=url, timeout=60) as client:
        made = client.request("MKCOL", USER)
        stored = client.put(COLLECTION, content=text, headers=whole)
    if (made.status_code, stored.status_code) != (201, 201):
        raise NotMeasured(f"Radicale did not take the events: {stored.status_code}")


def facts(text: bytes) -> list[str]:
    """What a calendar app reads of each event, whatever the order and the folding."""
    return sorted(
        json.dumps([str(event.get(name).to_ical()) for name in FIELDS])
        for event in Calendar.from_ical(text).events
    )
