"""What a customer changes through the portal: the owner keeps windows, and whose it is."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import nats
import pytest
from nats.aio.client import Client

from chassis.requests import Refused, ask
from contracts.client_requests import (
    AcceptOfferAsCustomer,
    BookPlaceAsCustomer,
    CancelPlaceAsCustomer,
    DeclineOfferAsCustomer,
    LeaveWaitlistAsCustomer,
    MovePlaceAsCustomer,
    PlacesReply,
    ReadSessionsForCustomer,
    ReadWaitlistPositions,
    SessionsForCustomer,
    WaitlistPositions,
)

BEFORE, FREE_UNTIL = "2027-01-04T08:00:00+00:00", "2027-01-05T20:00:00+00:00"
A_SECOND_LATER = "2027-01-05T20:00:01+00:00"
START = "2027-01-06T08:00:00Z"
NOT_FOUND = (404, "/problems/not-found")


@pytest.fixture(scope="module")
async def line(nats_url: str) -> AsyncIterator[Client]:
    connection = await nats.connect(nats_url)
    yield connection
    await connection.close()


class Asking:
    """The portal, on behalf of one customer."""

    def __init__(self, line: Client, studio: Any, customer_id: UUID) -> None:
        self._line, self._studio, self.customer_id = line, studio, customer_id

    async def __call__(self, request: type[Any], reply: Any = PlacesReply, **wanted: Any) -> Any:
        known = {
            "business_id": self._studio.id,
            "customer_id": self.customer_id,
            "request_id": uuid4(),
        }
        asked = request.model_validate(known | wanted)
        return await ask(SimpleNamespace(nats=self._line), asked, reply)  # type: ignore[arg-type]

    async def refused(self, request: type[Any], **wanted: Any) -> tuple[int, str]:
        with pytest.raises(Refused) as no:
            await self(request, **wanted)
        return no.value.details["status"], no.value.details["type"]


@pytest.fixture
async def ada(studio, clock, line) -> Asking:
    clock.set(BEFORE)
    await studio.sell("ada")
    return Asking(line, studio, studio.customers["ada"])


async def test_a_place_is_booked_with_the_customers_own_credit_once(ada, studio) -> None:
    session = (await studio.publish_class(START))["id"]
    request_id = uuid4()
    first = await ada(BookPlaceAsCustomer, session_id=session, request_id=request_id)
    assert await ada(BookPlaceAsCustomer, session_id=session, request_id=request_id) == first
    [place] = first.attendances
    assert (place.paid_with, place.credits, place.customer_id) == ("credit", 1, ada.customer_id)
    reused = await ada.refused(BookPlaceAsCustomer, session_id=uuid4(), request_id=request_id)
    assert reused == (422, "/problems/idempotency-key-reused")
    twice = await ada.refused(BookPlaceAsCustomer, session_id=session)
    assert twice == (409, "/problems/already-booked")


async def test_what_is_another_customers_does_not_exist(ada, studio, line) -> None:
    session = (await studio.publish_class(START, capacity=1))["id"]
    other = (await studio.publish_class("2027-01-07T08:00:00Z"))["id"]
    [place] = (await ada(BookPlaceAsCustomer, session_id=session)).attendances
    await studio.sell("ben")
    ben = Asking(line, studio, studio.customers["ben"])
    entry = (await ben(BookPlaceAsCustomer, session_id=session, join_waitlist=True)).entry
    for odd in ({}, {"customer_id": uuid4()}, {"business_id": uuid4()}):
        known = {"attendance_id": place.id} | odd
        assert await ben.refused(CancelPlaceAsCustomer, **known) == NOT_FOUND
        assert await ben.refused(MovePlaceAsCustomer, session_id=other, **known) == NOT_FOUND
        known = {"entry_id": entry.id} | odd
        for request in (AcceptOfferAsCustomer, DeclineOfferAsCustomer, LeaveWaitlistAsCustomer):
            assert await ada.refused(request, **known) == NOT_FOUND
    asked = (ReadWaitlistPositions, WaitlistPositions)
    assert (await ada(*asked)).positions == []
    [mine] = (await ben(*asked)).positions
    assert (mine.entry_id, mine.position) == (entry.id, 1)


async def test_the_window_is_this_services_by_its_own_clock(ada, studio, clock) -> None:
    session = (await studio.publish_class(START))["id"]
    other = (await studio.publish_class("2027-01-07T08:00:00Z"))["id"]
    [place] = (await ada(BookPlaceAsCustomer, session_id=session)).attendances
    known = {"attendance_id": place.id, "session_id": other}
    clock.set(A_SECOND_LATER)
    late = await ada.refused(MovePlaceAsCustomer, **known)
    assert late == (409, "/problems/too-late-to-move")
    clock.set(FREE_UNTIL)
    [moved] = (await ada(MovePlaceAsCustomer, **known)).attendances
    assert str(moved.session.id) == other
    clock.set("2027-01-07T08:00:00+00:00")
    begun = await ada.refused(CancelPlaceAsCustomer, attendance_id=place.id)
    assert begun == (409, "/problems/session-begun")


async def test_company_is_cancelled_by_whoever_brings_it(ada, studio) -> None:
    session = (await studio.publish_class(START))["id"]
    booked = await studio.book(session, "ada", companions=[{}])
    assert booked.status_code == 201, booked.text
    [_, company] = booked.json()["attendances"]
    [gone] = (await ada(CancelPlaceAsCustomer, attendance_id=company["id"])).attendances
    assert gone.status == "cancelled"


async def test_classes_say_what_is_free_and_what_is_mine(ada, studio) -> None:
    room, _ = await studio.room_with(2)
    made = {"room_id": room, "spot_kind": "reformer", "capacity": 2}
    session = (await studio.publish_class(START, **made))["id"]
    days = {"begins": "2027-01-06T00:00:00Z", "ends": "2027-01-07T00:00:00Z"}
    [seen] = (await ada(ReadSessionsForCustomer, SessionsForCustomer, **days)).sessions
    assert (seen.free, seen.mine, [spot.state for spot in seen.spots]) == (2, None, ["free"] * 2)
    spot = {"session_id": session, "spot_id": seen.spots[1].id}
    [place] = (await ada(BookPlaceAsCustomer, **spot)).attendances
    assert place.spot_label == "R2"
    [seen] = (await ada(ReadSessionsForCustomer, SessionsForCustomer, **days)).sessions
    assert (seen.free, seen.mine) == (1, "booked")
    assert [spot.state for spot in seen.spots] == ["free", "taken"]
    too_long = days | {"ends": "2027-06-01T00:00:00Z"}
    refused = await ada.refused(ReadSessionsForCustomer, **too_long)
    assert refused == (422, "/problems/invalid-request")
