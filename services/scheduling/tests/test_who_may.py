"""Who sees and changes which part of the calendar."""

from uuid import uuid4

from chassis.testing import eventually
from contracts import catalog

DAY = "2027-01-04"
WEEK = {"from": DAY, "to": "2027-01-10"}


async def test_a_staff_member_sees_others_as_busy_only(open_studio) -> None:
    studio = await open_studio(people=2)
    mine, theirs = studio.staff
    await studio.book(f"{DAY}T08:00:00Z", staff_id=str(mine))
    await studio.book(f"{DAY}T09:00:00Z", staff_id=str(theirs))
    me = studio.member(staff_id=mine)
    shown = await studio.client.get("/api/calendar", params=WEEK, headers=me)
    own, other = shown.json()["entries"]
    assert own["customer_name"] == "Ada Guest"
    assert (other["title"], other["customer_name"], other["service_id"]) == ("Busy", None, None)
    listed = await studio.client.get("/api/appointments", headers=me)
    assert [item["staff_id"] for item in listed.json()["items"]] == [str(mine)]


async def test_a_staff_member_books_and_cancels_in_their_own_calendar_only(open_studio) -> None:
    studio = await open_studio(people=2)
    mine, theirs = studio.staff
    me = studio.member(staff_id=mine)
    wanted = {
        "service_id": str(studio.service),
        "starts_at": f"{DAY}T10:00:00Z",
        "customer": {"name": "Walk-in"},
    }
    for staff, status in ((mine, 201), (theirs, 403)):
        answer = await studio.client.post(
            "/api/appointments", json=wanted | {"staff_id": str(staff)}, headers=me
        )
        assert answer.status_code == status
    other = await studio.book(f"{DAY}T09:00:00Z", staff_id=str(theirs))
    place = f"/api/appointments/{other.json()['id']}"
    assert (await studio.client.get(place, headers=me)).status_code == 404
    cancel = await studio.client.post(f"{place}/cancel", headers=me | {"If-Match": '"1"'})
    assert cancel.status_code == 404
    hours = f"/api/staff/{theirs}/working-hours"
    assert (await studio.client.put(hours, json={"weekly": []}, headers=me)).status_code == 403


async def test_prices_are_hidden_without_view_financials(open_studio) -> None:
    studio = await open_studio()
    booked = await studio.book(f"{DAY}T08:00:00Z")
    place = f"/api/appointments/{booked.json()['id']}"
    plain = await studio.client.get(place, headers=studio.member("MANAGE_CALENDAR"))
    assert plain.json()["price_cents"] is None
    informed = studio.member("MANAGE_CALENDAR", "VIEW_FINANCIALS")
    assert (await studio.client.get(place, headers=informed)).json()["price_cents"] == 9500
    stale = studio.member("MANAGE_CALENDAR") | {"If-Match": '"9"'}
    refused = await studio.client.post(f"{place}/cancel", headers=stale)
    assert refused.status_code == 412
    assert "price_cents" not in refused.json()["current"]


async def test_another_business_sees_nothing_of_it(open_studio) -> None:
    studio = await open_studio()
    booked = await studio.book(f"{DAY}T08:00:00Z")
    stranger = await open_studio()
    for id_ in (booked.json()["id"], uuid4(), "malformed"):
        place = f"/api/appointments/{id_}"
        seen = await studio.client.get(place, headers=stranger.owner)
        cancelled = await studio.client.post(
            f"{place}/cancel", headers=stranger.owner | {"If-Match": "*"}
        )
        assert (seen.status_code, cancelled.status_code) == (404, 404)
    listed = await studio.client.get("/api/calendar", params=WEEK, headers=stranger.owner)
    assert listed.json()["entries"] == []


async def test_a_guest_becomes_the_customer_that_catalog_introduces(open_studio) -> None:
    studio = await open_studio()
    booked = await studio.book(f"{DAY}T08:00:00Z")
    customer = catalog.Customer(id=uuid4(), version=1, name="Ada", email="ADA@example.com")
    await studio.tell(catalog.CustomerChanged, customer=customer)

    async def recognised() -> bool:
        place = f"/api/appointments/{booked.json()['id']}"
        answer = await studio.client.get(place, headers=studio.owner)
        return answer.json()["customer_id"] == str(customer.id)

    await eventually(recognised)


async def test_a_service_that_needs_approval_waits_and_holds_its_time(open_studio) -> None:
    studio = await open_studio(requires_approval=True)
    booked = await studio.book(f"{DAY}T08:00:00Z")
    assert booked.json()["status"] == "pending"
    assert (await studio.book(f"{DAY}T08:00:00Z")).status_code == 409
    confirm = f"/api/appointments/{booked.json()['id']}/confirm"
    seen = studio.owner | {"If-Match": '"1"'}
    confirmed = await studio.client.post(confirm, headers=seen)
    assert (confirmed.json()["status"], confirmed.headers["ETag"]) == ("confirmed", '"2"')
    again = await studio.client.post(confirm, headers=studio.owner | {"If-Match": '"2"'})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/illegal-transition")


async def test_questions_are_answered_as_they_ask(open_studio) -> None:
    question = {"key": "injury", "label": "Injuries?", "required": True}
    level = {"key": "level", "label": "Level", "kind": "choice", "choices": ["new", "old"]}
    studio = await open_studio(questions=[question, level])
    refused = await studio.book(f"{DAY}T08:00:00Z", answers={"level": "ancient", "pet": "cat"})
    assert refused.status_code == 422
    assert set(refused.json()["answers"]) == {"injury", "level", "pet"}
    answered = await studio.book(f"{DAY}T08:00:00Z", answers={"injury": "none", "level": "new"})
    assert answered.status_code == 201


async def test_hostile_input_is_refused_and_writes_nothing(open_studio) -> None:
    studio = await open_studio()
    bad = [
        {"customer": {"name": "A\r\nBcc: x@y.z", "email": "a@b.co"}},
        {"customer": {"name": "A", "email": "a@b.co\r\nX: y"}},
        {"customer": {"name": "A", "email": "a@b.co"}, "price_cents": 0},
        {"starts_at": "2027-01-04T08:00:00+99:00"},
        {"starts_at": "99999-01-01"},
        {"starts_at": "0001-01-01T00:00:00+14:00"},
        {"starts_at": f"{DAY}T08:00:00.5Z"},
        {"answers": {"x": "y" * 10_000}},
    ]
    for wrong in bad:
        refused = await studio.book(wrong.pop("starts_at", f"{DAY}T08:00:00Z"), **wrong)
        assert refused.status_code == 422, (wrong, refused.text)
    assert (await studio.client.get("/api/appointments", headers=studio.owner)).json() == {
        "items": [],
        "next_cursor": None,
    }
