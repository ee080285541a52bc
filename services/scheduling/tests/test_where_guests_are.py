"""A guest's page may say in which zone they are, which mails then say times in as well."""

from services.scheduling.tests.test_changes import told

NINE, TEN = "2027-01-04T08:00:00Z", "2027-01-04T09:00:00Z"
GUEST = {"name": "Ada Guest", "email": "ada@example.com"}


async def test_it_is_told_with_the_booking(open_studio, database_server) -> None:
    studio = await open_studio()
    for odd in ("Mars/Olympus", "europe/berlin", "", 1, "A" * 99):
        refused = await studio.book(NINE, customer=GUEST | {"time_zone": odd})
        assert refused.status_code == 422, odd
    there = GUEST | {"time_zone": "Atlantic/Canary"}
    booked = await studio.book(NINE, customer=there)
    assert booked.status_code == 201, booked.text
    [(_, fact)] = told(database_server, studio, booked.json()["id"])
    assert fact["appointment"]["customer_time_zone"] == "Atlantic/Canary"
    booked = await studio.book(TEN)
    [(_, fact)] = told(database_server, studio, booked.json()["id"])
    assert fact["appointment"]["customer_time_zone"] is None


async def test_it_is_told_too_of_what_has_to_be_settled_first(open_things) -> None:
    things = await open_things(credit_cost=0)
    there = GUEST | {"time_zone": "Atlantic/Canary"}
    booked = await things.studio.book(NINE, customer=there)
    assert booked.status_code in (201, 202), booked.text
    await things.becomes(booked.json()["id"], "confirmed")
    [fact] = things.told("appointment.confirmed")
    assert fact["appointment"]["customer_time_zone"] == "Atlantic/Canary"
