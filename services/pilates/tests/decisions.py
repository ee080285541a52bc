"""Steps of a sequence, and what has to hold after each of them."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from calendaring.local_time import local_date
from chassis.auth import Principal
from chassis.database import enter_business, in_transaction
from chassis.problems import Problem
from chassis.runtime import Runtime
from pilates.attendances import cancelling, commands, moving
from pilates.attendances.holding import hold_session
from pilates.attendances.keeping_current import bring_up_to_date, finish
from pilates.attendances.schemas import PlacesWrite
from pilates.copies.queries import known_business
from pilates.customer_packages import adjusting, freezing
from pilates.customer_packages.schemas import Adjustment, FreezeRequest
from pilates.resources import out_of_service
from pilates.resources.schemas import OutageWrite
from pilates.waitlist import commands as waitlist
from services.pilates.tests.worlds import World

Step = tuple[str, int, int]
Work = Callable[[AsyncSession], Awaitable[Any]]

STATE = text(
    """
    SELECT
        (SELECT coalesce(jsonb_agg(jsonb_build_array(id, session_id, status, version)
                                   ORDER BY booked_at, id), '[]')
         FROM attendances WHERE session_id = ANY (:sessions)) AS places,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(id, session_id, status, rank, skip_reason,
                                                     skipped_at) ORDER BY rank), '[]')
         FROM waitlist_entries WHERE session_id = ANY (:sessions)) AS queue,
        (SELECT coalesce(jsonb_agg(id), '[]') FROM outages
         WHERE during && tstzrange(:at, :until)) AS outages,
        (SELECT count(*) FROM outages WHERE during && tstzrange(:at, :until)) AS machines_out
    """
)
BROKEN = text(
    """
    SELECT 'balance is not the sum of the ledger' AS what, p.id::text
    FROM customer_packages p WHERE p.id = ANY (:packages) AND (p.balance < 0 OR p.balance <> (
        SELECT sum(credits) FROM ledger_entries l WHERE l.package_id = p.id))
    UNION ALL
    SELECT 'debit given back twice', reverses::text FROM ledger_entries
    WHERE package_id = ANY (:packages) AND kind IN ('reversal', 'waiver')
    GROUP BY reverses HAVING count(*) > 1
    UNION ALL
    SELECT 'a place that stands was given back, or one that is given up was not', a.id::text
    FROM attendances a WHERE a.session_id = ANY (:sessions) AND a.paid_with = 'credit'
    AND (a.status = 'cancelled') <> EXISTS (
        SELECT FROM ledger_entries l WHERE l.reverses = a.debit_id AND l.kind = 'reversal')
    UNION ALL
    SELECT 'one person in two places', a.id::text
    FROM attendances a JOIN attendances b
    ON a.person = b.person AND a.id < b.id AND a.during && b.during
    WHERE a.session_id = ANY (:sessions) AND b.session_id = ANY (:sessions)
    AND a.status = 'booked' AND b.status = 'booked'
    UNION ALL
    SELECT 'two on one spot', a.id::text
    FROM attendances a JOIN attendances b
    ON a.session_id = b.session_id AND a.spot_id = b.spot_id AND a.id < b.id
    WHERE a.session_id = ANY (:sessions) AND a.status = 'booked' AND b.status = 'booked'
    """
)
CAPACITY = (3, 2)


class Crash(RuntimeError):
    pass


class Refused(RuntimeError):
    pass


class Sequence:
    """Runs steps, each a transaction of its own, and looks at the world after each."""

    def __init__(self, runtime: Runtime, caller: Principal, world: World) -> None:
        self.runtime, self.caller, self.world = runtime, caller, world
        self.places: list[list[Any]] = []
        self.queue: list[list[Any]] = []
        self.outages: list[str] = []

    async def run(self, steps: list[Step]) -> None:
        for what, one, other in steps:
            if what == "wait":
                self.world.now += timedelta(minutes=(7, 31, 65, 190)[one % 4])
            else:
                await self.step(what, one, other)
                await self.look()

    async def step(self, what: str, one: int, other: int) -> None:
        work = getattr(self, what.removeprefix("crash_"))(one, other)
        if work is None:
            return
        if what.startswith("crash_"):
            # Killed before its commit, it has not happened; then it is delivered again.
            with suppress(Crash, Refused):
                await in_transaction(self.runtime.sessions, partial(self.crashing, work))
        with suppress(Refused):
            await in_transaction(self.runtime.sessions, partial(self.entered, work))

    async def entered(self, work: Work, session: AsyncSession) -> None:
        await enter_business(session, self.world.business_id)
        try:
            await work(session)
        except Problem as problem:
            if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            raise Refused from problem

    async def crashing(self, work: Work, session: AsyncSession) -> None:
        await self.entered(work, session)
        await session.flush()
        raise Crash

    def book(self, one: int, other: int) -> Work:
        who, where = self.world.customers[one % 4], self.world.sessions[other % 2]
        company = one // 4 % 3
        wanted = PlacesWrite.model_validate(
            {
                "customer_id": who,
                "companions": [{}] * company,
                "join_waitlist": other // 2 % 2 == 0,
            }
        )
        return lambda session: commands.book(
            session, self.runtime, self.caller, where, wanted, self.world.now
        )

    def cancel(self, one: int, other: int) -> Work | None:
        booked = [place for place in self.places if place[2] == "booked"]
        if not booked:
            return None
        id_, where, _, version = booked[one % len(booked)]

        async def work(session: AsyncSession) -> None:
            await cancelling.cancel_places(
                session,
                await known_business(session, self.runtime, self.world.business_id),
                UUID(where),
                UUID(id_),
                by="customer" if other % 2 else "business",
                actor="sequence",
                now=self.world.now,
                seen=version,
                whole_party=other // 2 % 2 == 0,
            )

        return work

    def move(self, one: int, _other: int) -> Work | None:
        booked = [place for place in self.places if place[2] == "booked"]
        if not booked:
            return None
        id_, where, _, version = booked[one % len(booked)]
        target = next(other for other in self.world.sessions if str(other) != where)

        async def work(session: AsyncSession) -> None:
            await moving.move_place(
                session,
                await known_business(session, self.runtime, self.world.business_id),
                UUID(where),
                UUID(id_),
                target,
                by="business",
                now=self.world.now,
                seen=version,
            )

        return work

    def accept(self, one: int, other: int) -> Work | None:
        """Of those who have an offer one takes it, or lets it go."""
        offered = [entry for entry in self.queue if entry[2] == "offered"]
        if not offered:
            return None
        id_, where, *_ = offered[one % len(offered)]

        async def work(session: AsyncSession) -> None:
            business = await known_business(session, self.runtime, self.world.business_id)
            entry = (business, UUID(where), UUID(id_), self.world.now)
            if other % 2 == 0:
                await waitlist.accept(session, self.runtime, *entry)
            else:
                await waitlist.leave(session, *entry)

        return work

    def sweep(self, one: int, _other: int) -> Work:
        async def work(session: AsyncSession) -> None:
            business = await known_business(session, self.runtime, self.world.business_id)
            where = self.world.sessions[one % 2]
            held = await hold_session(session, business, where, frees_a_place=True)
            await bring_up_to_date(session, held, self.world.now)
            finish(session, held, self.world.now)

        return work

    def adjust(self, one: int, other: int) -> Work:
        wanted = Adjustment(credits=(1, -1, 2, -3)[other % 4], reason="sequence")
        package = self.world.packages[one % 4]
        return lambda session: adjusting.adjust(
            session, self.runtime, self.caller, package, wanted, self.world.now
        )

    def freeze(self, one: int, other: int) -> Work:
        package = self.world.packages[one % 4]
        if other % 2:
            return lambda session: freezing.unfreeze(
                session, self.runtime, self.caller, package, self.world.now
            )
        today = local_date(self.world.now, "Europe/Berlin")
        wanted = FreezeRequest(first_on=today, reason="sequence")
        return lambda session: freezing.freeze(
            session, self.runtime, self.caller, package, wanted, self.world.now
        )

    def machine(self, one: int, other: int) -> Work | None:
        """Out of service for the day, or back."""
        if other % 2 and self.outages:
            outage = UUID(self.outages[one % len(self.outages)])
            return partial(self.bring_back, outage)
        wanted = OutageWrite(
            begins=self.world.starts_at - timedelta(hours=8),
            ends=self.world.starts_at + timedelta(hours=4),
        )
        machine = self.world.machines[one % 3]
        return lambda session: out_of_service.take_out(
            session, self.runtime, self.caller, machine, wanted, self.world.now
        )

    async def bring_back(self, outage: UUID, session: AsyncSession) -> None:
        whose = await session.scalar(
            text("SELECT resource_id FROM outages WHERE id = :id"), {"id": outage}
        )
        await out_of_service.bring_back(
            session, self.runtime, self.caller, whose, outage, self.world.now, forget=True
        )

    async def look(self) -> None:
        """Raises AssertionError for what must never be."""
        before, waiting = self.taken(), [one for one in self.queue if one[2] == "waiting"]
        where = {"sessions": self.world.sessions, "packages": self.world.packages}
        at = {"at": self.world.starts_at, "until": self.world.starts_at + timedelta(hours=1)}

        async def read(session: AsyncSession) -> tuple[Any, Any]:
            await enter_business(session, self.world.business_id)
            state = (await session.execute(STATE, where | at)).one()
            return state, (await session.execute(BROKEN, where)).all()

        state, broken = await in_transaction(self.runtime.sessions, read)
        assert broken == []
        self.places, self.queue, self.outages = state.places, state.queue, state.outages
        effective = (min(CAPACITY[0], 3 - state.machines_out), CAPACITY[1])
        for count, was, room in zip(self.taken(), before, effective, strict=True):
            assert count <= max(was, room), "more places than the room has"
        self.check_order(waiting)

    def taken(self) -> list[int]:
        return [
            sum(place[1] == str(where) and place[2] == "booked" for place in self.places)
            for where in self.world.sessions
        ]

    def check_order(self, waited: list[list[Any]]) -> None:
        """Whoever was served came before all who still wait, or those are told why not."""
        now = {entry[0]: entry for entry in self.queue}
        for entry in waited:
            if now[entry[0]][2] not in ("promoted", "offered"):
                continue
            for earlier in waited:
                left = now[earlier[0]]
                same = earlier[1] == entry[1] and earlier[3] < entry[3]
                if same and left[2] == "waiting":
                    assert left[4] is not None, "passed over without a reason"
