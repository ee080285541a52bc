"""Bookings: what the service adds to what PostgreSQL must do, and what a crowd costs."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import count, islice, repeat
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from tests.bench.callers import Answers, crowd, written
from tests.bench.ground import Ground
from tests.bench.in_turns import in_turns
from tests.bench.report import Report, at_least, at_most
from tests.bench.studio import OPENS, PEOPLE, ZONE
from tests.bench.transcript import Script, statements_in

CLIENTS = 8
BOOKINGS_A_ROUND = 320
PGBENCH_SECONDS = 3
WRITERS, ROUNDS = 32, 60
PLACES_A_DAY, APART = 16, timedelta(minutes=45)
SHARE = at_least(20, "%")


def places(first_day: int) -> Iterator[datetime]:
    """Of anybody who works by day: one after the other, without a gap."""
    opens = time.fromisoformat(OPENS)
    for number in count():
        day, place = divmod(number, PLACES_A_DAY)
        date = datetime.now(UTC).date() + timedelta(days=first_day + day)
        yield datetime.combine(date, opens, ZoneInfo(ZONE)).astimezone(UTC) + place * APART


def request(ground: Ground, person: int, starts_at: datetime) -> bytes:
    wish = {
        "service_id": str(ground.studio.services[PEOPLE]),
        "staff_id": str(ground.studio.staff[person]),
        "starts_at": starts_at.isoformat(),
        "customer": {"name": "Gitta Guest", "email": "gitta@example.com"},
    }
    path = f"/api/public/booking/{ground.studio.slug}/appointments"
    return written("POST", path, told=wish)


def in_line(ground: Ground, first_day: int) -> Iterator[bytes]:
    """Neighbours in the line are of different people, so that nobody waits for anybody."""
    for starts_at in places(first_day):
        for person in range(1, PEOPLE):
            yield request(ground, person, starts_at)


def test_booking_against_pgbench(prepared: Ground, report: Report, tmp_path: Path) -> None:
    what = f"bookings by {CLIENTS} clients, fsync on (30 % is the stretch)"
    pgbench = shutil.which("pgbench")
    if pgbench is None:
        report.leave_out(what, SHARE, "pgbench: apt-get install postgresql-client")
        return
    scripts = take_down(prepared, tmp_path)
    ours, theirs = prepared.copy("booked"), prepared.copy("pgbenched")
    with prepared.scheduling(ours) as port:
        line = in_line(prepared, first_day=3)

        def booked() -> float:
            answers = crowd(port, islice(line, BOOKINGS_A_ROUND), CLIENTS)
            assert set(answers.statuses) == {201}, answers.statuses
            return answers.per_second

        run = Pgbench(pgbench, prepared.postgres.url(theirs, "scheduling_app"), scripts)
        rounds = in_turns(ours=booked, pgbench=run.per_second)
    report.keep(
        what,
        rounds.ratio("ours", "pgbench") * 100,
        SHARE,
        ours=f"{rounds.median('ours'):,.0f}/s",
        other=f"pgbench, same statements {rounds.median('pgbench'):,.0f}/s",
    )


def take_down(ground: Ground, folder: Path) -> list[Path]:
    """A script for each client, every one with a person of its own."""
    database, wanted = ground.copy("taken_down"), places(first_day=60)
    log = ground.folder / "postgres" / "postgres.log"
    with ground.connect(database) as connection:
        connection.execute(
            f"ALTER ROLE scheduling_app IN DATABASE {database} SET log_statement = 'all'"
        )
    with ground.scheduling(database) as port:
        for starts_at in islice(wanted, 3):
            begins = log.stat().st_size
            answers = crowd(port, [request(ground, 1, starts_at)], 1)
            assert answers.statuses == {201: 1}
    statements = list(statements_in(log.read_bytes()[begins:].decode().replace("\r", ""), database))
    assert statements[-1].sql == "COMMIT"
    studio = ground.studio
    known = {str(one) for one in (studio.id, *studio.staff, *studio.services.values())}
    script = folder / "booking.sql"
    Script(starts_at, known).write(iter(statements), script)
    return [another(script, studio.staff, person) for person in range(1, CLIENTS + 1)]


def another(script: Path, staff: list[object], person: int) -> Path:
    written_for = script.with_name(f"booking-{person}.sql")
    written_for.write_text(script.read_text().replace(str(staff[1]), str(staff[person])))
    return written_for


class Pgbench:
    """A process for each client, since each client has statements of its own."""

    def __init__(self, program: str, url: str, scripts: list[Path]) -> None:
        at = urlsplit(url)
        self._command = [program, "--no-vacuum", "--protocol=prepared"]
        self._command += [f"--time={PGBENCH_SECONDS}", "--host=127.0.0.1", f"--port={at.port}"]
        self._command += [f"--username={at.username}", at.path[1:]]
        self._environment = {"PGPASSWORD": unquote(at.password or ""), "PATH": "/usr/bin:/bin"}
        self._scripts = scripts
        self._begun = [0] * len(scripts)

    def per_second(self) -> float:
        """Transactions of all clients together."""
        running = [
            subprocess.Popen(
                [*self._command, f"--file={script}", f"--define=n={n}", f"--define=seed={number}"],
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for number, (script, n) in enumerate(zip(self._scripts, self._begun, strict=True))
        ]
        return sum(self._ended(number, process) for number, process in enumerate(running))

    def _ended(self, number: int, process: "subprocess.Popen[str]") -> float:
        said, complained = process.communicate(timeout=60)
        assert process.returncode == 0, complained
        done = re.search(r"transactions actually processed: (\d+)", said)
        rate = re.search(r"^tps = ([\d.]+)", said, re.MULTILINE)
        assert done, said
        assert rate, said
        self._begun[number] += int(done[1])
        return float(rate[1])


def test_a_crowd_wants_one_slot(prepared: Ground, report: Report) -> None:
    database = prepared.copy("crowded")
    seconds: list[float] = []
    with prepared.scheduling(database) as port:
        warm_up, *wanted = islice(places(first_day=3), ROUNDS + 1)
        crowd(port, repeat(request(prepared, 2, warm_up), WRITERS), WRITERS)
        for starts_at in wanted:
            answers = crowd(port, repeat(request(prepared, 1, starts_at), WRITERS), WRITERS)
            assert answers.statuses == {201: 1, 409: WRITERS - 1}
            seconds += answers.each_seconds
        deadlocks = deadlocks_in(prepared, database)
    taken = Answers(each_seconds=seconds)
    p50, p99 = taken.percentile(50), taken.percentile(99)
    what = f"{WRITERS} writers of one slot, {ROUNDS} rounds, one winner each"
    report.keep(
        f"{what}: p99 against p50",
        p99 / p50,
        at_most(6),
        ours=f"p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms",
    )
    report.keep(f"{what}: deadlocks", deadlocks, at_most(0, ""))


def deadlocks_in(ground: Ground, database: str) -> int:
    with ground.connect(database) as connection:
        # What a backend has counted is told when it ends or rests for a second.
        connection.execute("SELECT pg_stat_force_next_flush()")
        row = connection.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    assert row
    return int(row[0])
