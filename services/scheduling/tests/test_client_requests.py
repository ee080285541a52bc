"""What a customer changes through the portal: the owner keeps windows, and whose it is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import nats
import pytest
from nats.aio.client import Client

from chassis.requests import Refused, ask
from chassis.testing import eventually
from contracts import catalog
from contracts.client_requests import (
    AppointmentReply,
    AppointmentSlots,
    CancelAppointmentAsCustomer,
    ReadAppointmentSlots,
    RescheduleAppointmentAsCustomer,
)

DAY = "2027-01-05"
BEFORE, FREE_UNTIL = "2027-01-03T08:00:00+00:00", "2027-01-04T08:00:00+00:00"
A_SECOND_LATER = "2027-01-04T08:00:01+00:00"
BEGUN = f"{DAY}T08:00:00+00:00"


@pytest.fixture(scope="module")
async def line(nats_url: str) -> AsyncIterator[Client]:
    connection = await nats.connect(nats_url)
    yield connection
    await connection.close()


@dataclass
class Asking:
    """The portal, on behalf of one customer."""

    line: Client
    studio: Any
    customer_id: UUID
    appointment_id: UUID

    async def __call__(self, request: type[Any], reply: type[Any], **wanted: Any) -> Any:
        known = {
            "business_id": self.studio.id,
            "customer_id": self.customer_id,
            "appointment_id": self.appointment_id,
            "request_id": uuid4(),
        }
        asked = request.model_validate(known | wanted)
        return await ask(SimpleNamespace(nats=self.line), asked, reply)  # type: ignore[arg-type]

    async def cancel(self, **wanted: Any) -> AppointmentReply:
        return await self(CancelAppointmentAsCustomer, AppointmentReply, **wanted)

    async def move(self, starts_at: str = f"{DAY}T10:00:00Z", **wanted: Any) -> AppointmentReply:
        said = {"starts_at": starts_at} | wanted
        return await self(RescheduleAppointmentAsCustomer, AppointmentReply, **said)

    async def slots(self, **wanted: Any) -> AppointmentSlots:
        said = {"begins": f"{DAY}T00:00:00Z", "ends": "2027-01-06T00:00:00Z"} | wanted
        return await self(ReadAppointmentSlots, AppointmentSlots, **said)

    async def refused(self, what: Any, **wanted: Any) -> tuple[int, str]:
        with pytest.raises(Refused) as no:
            await what(**wanted)
        return no.value.details["status"], no.value.details["type"]


@pytest.fixture
async def mine(open_studio, clock, line) -> Asking:
    studio = await open_studio(people=2)
    clock.set(BEFORE)
    made = (await studio.book(f"{DAY}T08:00:00Z", staff_id=str(studio.staff[0]))).json()
    customer = catalog.Customer(id=uuid4(), version=1, name="Ada", email="ada@example.com")
    await studio.tell(catalog.CustomerChanged, customer=customer)
    asking = Asking(line, studio, customer.id, UUID(made["id"]))

    async def is_theirs() -> bool:
        try:
            return bool((await asking.slots()).slots)
        except Refused:
            return False

    await eventually(is_theirs)
    return asking


async def test_what_is_another_customers_does_not_exist(mine) -> None:
    nobody = (404, "/problems/not-found")
    for odd in (
        {"customer_id": uuid4()},
        {"business_id": uuid4()},
        {"appointment_id": uuid4()},
    ):
        for what in (mine.cancel, mine.move, mine.slots):
            assert await mine.refused(what, **odd) == nobody, (what, odd)
    assert (await mine.cancel()).appointment.version == 2


async def test_the_window_is_this_services_by_its_own_clock(mine, clock) -> None:
    clock.set(A_SECOND_LATER)
    too_late = (409, "/problems/too-late-to-move")
    assert await mine.refused(mine.move) == too_late
    assert await mine.refused(mine.slots) == too_late
    clock.set(FREE_UNTIL)
    assert (await mine.move()).appointment.version == 2


@pytest.mark.parametrize(("at", "late"), [(FREE_UNTIL, False), (A_SECOND_LATER, True)])
async def test_a_late_cancellation_is_told_as_late(mine, clock, at, late, database_server) -> None:
    from services.scheduling.tests.test_changes import told  # noqa: PLC0415

    clock.set(at)
    assert (await mine.cancel(reason="ill")).appointment.status == "cancelled"
    [*_, (what, fact)] = told(database_server, mine.studio, str(mine.appointment_id))
    assert (what, fact["cancelled_by"], fact["late"]) == ("cancelled", "customer", late)


async def test_what_has_begun_is_not_cancelled(mine, clock) -> None:
    clock.set(BEGUN)
    assert await mine.refused(mine.cancel) == (409, "/problems/appointment-begun")


async def test_asked_again_it_is_done_once_and_answered_alike(mine) -> None:
    request_id = uuid4()
    first = await mine.move(request_id=request_id)
    assert await mine.move(request_id=request_id) == first
    other = f"{DAY}T11:00:00Z"
    reused = await mine.refused(mine.move, request_id=request_id, starts_at=other)
    assert reused == (422, "/problems/idempotency-key-reused")
    # What was refused may be asked again.
    request_id = uuid4()
    stale = await mine.refused(mine.cancel, request_id=request_id, version_seen=1)
    assert stale == (412, "/problems/stale")
    assert (await mine.cancel(request_id=request_id, version_seen=2)).appointment.version == 3


async def test_another_teacher_is_chosen_among_those_who_give_it(mine) -> None:
    offered = await mine.slots()
    both = [one for one in offered.slots if len(one.staff_ids) == 2]
    assert both
    other = mine.studio.staff[1]
    assert (await mine.move(staff_id=other)).appointment.staff_id == other
    nobody = await mine.refused(mine.move, staff_id=uuid4())
    assert nobody == (422, "/problems/nobody-offers-this")


async def test_a_range_that_is_none_or_too_long_is_refused(mine) -> None:
    for ends in (f"{DAY}T00:00:00Z", "2027-06-01T00:00:00Z"):
        refused = await mine.refused(mine.slots, ends=ends)
        assert refused == (422, "/problems/invalid-request")
