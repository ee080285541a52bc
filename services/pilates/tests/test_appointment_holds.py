"""Machine and credit of private appointments, held until scheduling says what became of them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import nats
import pytest

from chassis.requests import NoReply, Refused, ask
from chassis.testing import eventually
from contracts import scheduling
from contracts.pilates import AppointmentHeld, HoldForAppointment
from pilates.appointment_holds import asking
from pilates.appointment_holds.commands import ASKED_AFTER
from pilates.appointment_holds.models import AppointmentHold
from pilates.resources.models import Reservation
from services.pilates.tests.studio import TODAY, MovedClock, Studio

MONDAY = datetime(2027, 1, 4, 9, tzinfo=UTC)


class Line:
    """As another service asks."""

    def __init__(self, connection: Any) -> None:
        self.nats = connection


@dataclass
class Private:
    """One appointment, as scheduling has it."""

    studio: Studio
    line: Line
    customer: UUID | None
    id: UUID = field(default_factory=uuid4)
    version: int = 1

    async def hold(self, version: int = 1, **changed: Any) -> AppointmentHeld:
        starts_at = changed.pop("starts_at", MONDAY)
        known = {
            "business_id": self.studio.id,
            "appointment_id": self.id,
            "hold_version": version,
            "customer_id": self.customer,
            "service_id": uuid4(),
            "service_name": "Reformer private",
            "resource_kinds": ["reformer"],
            "credit_cost": 1,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=1),
        }
        return await ask(self.line, HoldForAppointment(**known | changed), AppointmentHeld)

    async def refused(self, version: int = 1, **changed: Any) -> dict[str, Any]:
        with pytest.raises(Refused) as caught:
            await self.hold(version, **changed)
        return caught.value.details

    async def tell(
        self, fact: type[scheduling.AppointmentEvent], hold_version: int = 1, **members: Any
    ) -> None:
        """The next version of the appointment, unless `version` is named."""
        self.version += 1
        version = members.pop("version", self.version)
        appointment = scheduling.Appointment(
            id=self.id,
            version=version,
            uid=f"{self.id}@bookly",
            sequence=0,
            status="confirmed",
            starts_at=MONDAY,
            ends_at=MONDAY + timedelta(hours=1),
            service_id=uuid4(),
            service_name="Reformer private",
            staff_id=uuid4(),
            staff_name="Tessa",
            customer_id=self.customer,
            customer_name="Ada",
            customer_email=None,
            customer_phone=None,
            price_cents=0,
            currency="EUR",
            hold_version=hold_version,
            credits=1,
            business_name="Core",
            time_zone="Europe/Berlin",
            locale="en",
        )
        await self.studio.tell(fact, appointment=appointment, **members)

    async def row(self) -> AppointmentHold:
        rows = await self.studio.rows(AppointmentHold, self.studio.id)
        return next(row for row in rows if row.id == self.id)

    async def is_(self, **expected: Any) -> None:
        async def looked() -> bool:
            row = await self.row()
            return {name: getattr(row, name) for name in expected} == expected

        await eventually(looked)

    async def versions(self) -> list[int]:
        """Of its hold, those that have a machine."""
        rows = await self.studio.rows(Reservation, self.studio.id)
        return sorted(row.hold_version for row in rows if row.owner_id == self.id)


@pytest.fixture
async def line(nats_url: str) -> AsyncIterator[Line]:
    connection = await nats.connect(nats_url)
    yield Line(connection)
    await connection.close()


@pytest.fixture
async def package(studio: Studio) -> str:
    await studio.room_with(reformers=1)
    return await studio.sell("ada")


@pytest.fixture
def private(studio: Studio, package: str, line: Line) -> Private:
    return Private(studio, line, studio.customers["ada"])


async def kinds(studio: Studio, package: str) -> list[str]:
    return [entry["kind"] for entry in await studio.ledger(package)]


async def test_asked_ten_times_it_is_held_once(
    studio: Studio, package: str, private: Private
) -> None:
    answers = await asyncio.gather(*(private.hold() for _ in range(10)))
    assert {answer.model_dump_json() for answer in answers} == {answers[0].model_dump_json()}
    assert (answers[0].credits, str(answers[0].package_id)) == (1, package)
    assert len(answers[0].resource_ids) == 1
    [_, debit] = await studio.ledger(package)
    assert (debit["kind"], debit["appointment_id"]) == ("debit", str(private.id))
    assert debit["about"] == "Reformer private, 2027-01-04"
    assert await private.versions() == [1]
    later = MONDAY + timedelta(hours=3)
    await asyncio.gather(*(private.hold(2, starts_at=later) for _ in range(10)))
    # Nobody asks for the next version before the last is decided: what stands is none of the first.
    assert await private.versions() == [2]
    assert await kinds(studio, package) == ["sale", "debit"]


async def test_refused_nothing_of_it_is_held(
    studio: Studio, package: str, private: Private
) -> None:
    await private.hold()
    other = Private(studio, private.line, private.customer)
    assert (await other.refused())["type"] == "/problems/machines-short"
    poor = Private(studio, private.line, uuid4())
    at_ten = MONDAY + timedelta(hours=1)
    assert (await poor.refused(starts_at=at_ten))["type"] == "/problems/no-credit"
    guest = Private(studio, private.line, None)
    assert (await guest.refused(starts_at=at_ten))["reasons"] == []
    held = await guest.hold(starts_at=at_ten, credit_cost=0)
    assert (held.credits, held.package_id, len(held.resource_ids)) == (0, None, 1)
    assert await kinds(studio, package) == ["sale", "debit"]
    assert len(await studio.rows(AppointmentHold, studio.id)) == 2


async def test_of_many_who_want_the_last_machine_one_has_it(
    studio: Studio, package: str, private: Private
) -> None:
    wanting = [Private(studio, private.line, private.customer) for _ in range(8)]
    told = await asyncio.gather(*(one.hold() for one in wanting), return_exceptions=True)
    held = [answer for answer in told if isinstance(answer, AppointmentHeld)]
    refused = [answer.details["type"] for answer in told if isinstance(answer, Refused)]
    assert (len(held), refused) == (1, ["/problems/machines-short"] * 7)
    assert await studio.balance(package) == 9


async def test_the_event_of_the_appointment_lets_it_stand(private: Private) -> None:
    await private.hold()
    row = await private.row()
    assert (row.standing_version, row.held_version) == (0, 1)
    assert row.ask_at is not None
    await private.tell(scheduling.AppointmentConfirmed)
    await private.is_(standing_version=1, held_version=None, ask_at=None)
    await private.hold()
    assert await private.versions() == [1]


async def test_the_old_time_is_kept_until_the_new_one_stands(
    studio: Studio, package: str, private: Private
) -> None:
    await private.hold()
    await private.tell(scheduling.AppointmentConfirmed)
    await private.is_(standing_version=1)
    half_past = MONDAY + timedelta(minutes=30)
    await private.hold(2, starts_at=half_past)
    assert await private.versions() == [1, 2]
    # An event that was on its way when this was asked for does not end it.
    await private.tell(scheduling.AppointmentConfirmed)
    await private.is_(heard_version=private.version)
    assert await private.versions() == [1, 2]
    moved = {"previous_starts_at": MONDAY}
    await private.tell(scheduling.AppointmentRescheduled, 2, **moved)
    await private.is_(standing_version=2, held_version=None)
    assert await private.versions() == [2]
    assert await kinds(studio, package) == ["sale", "debit"]
    assert (await private.refused(1))["type"] == "/problems/hold-over"


@pytest.mark.parametrize(
    ("members", "kind", "balance"),
    [
        ({"cancelled_by": "business"}, "reversal", 10),
        ({"cancelled_by": "customer"}, "reversal", 10),
        ({"cancelled_by": "customer", "late": True}, "forfeiture", 9),
        ({"cancelled_by": "business", "was_confirmed": False}, "reversal", 10),
    ],
)
async def test_cancelled_the_machine_is_free_and_the_credit_goes_where_it_belongs(
    studio: Studio,
    package: str,
    private: Private,
    members: dict[str, Any],
    kind: str,
    balance: int,
) -> None:
    await private.hold()
    await private.tell(scheduling.AppointmentConfirmed)
    await private.tell(scheduling.AppointmentCancelled, **members)
    await private.is_(over_version=1, standing_version=0, held_version=None)
    assert await kinds(studio, package) == ["sale", "debit", kind]
    assert (await studio.balance(package), await private.versions()) == (balance, [])
    # A request that comes late finds the tombstone.
    assert (await private.refused())["type"] == "/problems/hold-over"


async def test_an_older_event_that_comes_later_changes_nothing(
    studio: Studio, package: str, private: Private
) -> None:
    await private.hold()
    await private.tell(scheduling.AppointmentCancelled, version=5, cancelled_by="business")
    await private.is_(over_version=1)
    await private.tell(scheduling.AppointmentConfirmed, version=2)
    await private.tell(scheduling.AppointmentMissed, version=3)
    # Each kind of event is heard by itself: what another one has heard, this one has heard before.
    other = Private(studio, private.line, private.customer)
    await other.hold()
    await other.tell(scheduling.AppointmentConfirmed)
    await other.is_(standing_version=1)
    await other.tell(scheduling.AppointmentMissed)
    await other.is_(heard_version=other.version)
    await private.is_(standing_version=0, heard_version=5)
    assert await private.versions() == []
    assert await kinds(studio, package) == ["sale", "debit", "reversal", "debit", "forfeiture"]


async def test_reopened_before_its_cancellation_was_heard_it_keeps_what_it_has(
    studio: Studio, package: str, private: Private
) -> None:
    await private.hold()
    await private.tell(scheduling.AppointmentConfirmed)
    await private.is_(standing_version=1)
    await private.hold(2)
    await private.tell(scheduling.AppointmentCancelled, 1, cancelled_by="business")
    await private.is_(standing_version=0, held_version=2)
    assert await private.versions() == [2]
    await private.tell(scheduling.AppointmentReopened, 2)
    await private.is_(standing_version=2)
    assert await private.versions() == [2]
    assert await kinds(studio, package) == ["sale", "debit"]


async def test_missed_it_is_forfeited_once_and_a_waiver_stays(
    studio: Studio, package: str, private: Private
) -> None:
    await private.hold()
    await private.tell(scheduling.AppointmentMissed)
    await private.is_(heard_version=private.version)
    [_, debit, forfeiture] = await studio.ledger(package)
    assert (forfeiture["kind"], forfeiture["reverses"]) == ("forfeiture", debit["id"])
    assert await private.versions() == []
    waive = f"/customer-packages/{package}/ledger/{debit['id']}/waive"
    await studio.told("POST", waive, json={"reason": "The lift was broken"})
    # What was waived is paid for anew.
    await private.hold(2)
    await private.tell(scheduling.AppointmentReopened, 2)
    await private.is_(standing_version=2)
    paid = ["sale", "debit", "forfeiture", "waiver", "debit"]
    assert (await kinds(studio, package), await private.versions()) == (paid, [2])


async def test_what_nobody_decided_for_is_asked_about_and_dropped(
    studio: Studio, package: str, private: Private, clock: MovedClock
) -> None:
    """Scheduling, which is asked, has no such appointment: its transaction was rolled back."""
    before = Private(studio, private.line, None)
    await before.hold(starts_at=MONDAY + timedelta(hours=3), credit_cost=0)
    clock.set((datetime.fromisoformat(TODAY) + timedelta(seconds=1)).isoformat())
    await private.hold()
    ask_at = (await private.row()).ask_at
    assert ask_at is not None
    clock.set((ask_at - timedelta(seconds=1)).isoformat())
    await before.is_(held_version=None, ask_at=None, over_version=1)
    assert await private.versions() == [1]
    clock.set(ask_at.isoformat())
    await private.is_(held_version=None, ask_at=None, over_version=1)
    assert await private.versions() == []
    assert await kinds(studio, package) == ["sale", "debit", "reversal"]
    assert (await private.refused())["type"] == "/problems/hold-over"


async def test_silence_is_asked_again(
    studio: Studio, private: Private, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody(*_asked: Any) -> None:
        raise NoReply

    monkeypatch.setattr(asking, "ask", nobody)
    await private.hold()
    ask_at = (await private.row()).ask_at
    assert ask_at is not None
    clock.set(ask_at.isoformat())
    await private.is_(ask_at=ask_at + ASKED_AFTER, held_version=1)
    assert await private.versions() == [1]
    monkeypatch.undo()
    clock.set((ask_at + ASKED_AFTER).isoformat())
    await private.is_(ask_at=None, held_version=None)


async def test_a_dropped_move_leaves_what_stands_and_what_paid_for_it(
    studio: Studio, package: str, private: Private, clock: MovedClock
) -> None:
    await private.hold()
    await private.tell(scheduling.AppointmentConfirmed)
    await private.is_(standing_version=1)
    await private.hold(2, starts_at=MONDAY + timedelta(hours=3))
    ask_at = (await private.row()).ask_at
    assert ask_at is not None
    clock.set(ask_at.isoformat())
    await private.is_(held_version=None, standing_version=1, over_version=2)
    assert (await private.versions(), await kinds(studio, package)) == ([1], ["sale", "debit"])
    await private.tell(scheduling.AppointmentCancelled, 2, cancelled_by="customer")
    await private.is_(standing_version=0)
    assert (await private.versions(), await studio.balance(package)) == ([], 10)


async def test_what_needs_nothing_leaves_no_trace(studio: Studio, private: Private) -> None:
    await private.tell(scheduling.AppointmentConfirmed, 0)
    await private.tell(scheduling.AppointmentCancelled, 0, cancelled_by="business")
    other = Private(studio, private.line, private.customer)
    await other.hold()
    await other.tell(scheduling.AppointmentConfirmed)
    await other.is_(standing_version=1)
    await other.tell(scheduling.AppointmentCancelled, cancelled_by="business")
    await other.is_(standing_version=0)
    assert [row.id for row in await studio.rows(AppointmentHold, studio.id)] == [other.id]
