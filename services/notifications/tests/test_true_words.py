"""Words that would be false at the wrong moment are not said then."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.pilates import PlaceBooked, PlaceChanged, PlaceEvent
from notifications.testing import Studio
from services.notifications.tests.reading import Reader, says
from services.notifications.tests.told import know, place, tell

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.mark.parametrize("event", [PlaceBooked, PlaceChanged])
async def test_it_is_free_to_cancel_until_a_moment_and_not_once_that_is_over(
    reader: Reader, studio: Studio, event: type[PlaceEvent]
) -> None:
    cause = {"cause": "spot_changed"} if event is PlaceChanged else {}
    in_time, late = (place(free_until=NOW - late) for late in (timedelta(0), SECOND))
    for booked in (in_time, late):
        await tell(studio, event, attendance=booked, occurred_at=NOW, **cause)
    (mail,) = await reader.told(recipient=str(in_time.customer_email))
    assert says(mail, "You can cancel free of charge until")
    (mail,) = await reader.told(recipient=str(late.customer_email))
    assert says(mail, "It is too late to cancel free of charge.")
    assert "until" not in mail["body"]["text"]


async def test_who_books_as_a_guest_reads_their_own_time_though_catalog_knows_no_zone(
    reader: Reader, studio: Studio
) -> None:
    known = await know(studio)
    await reader.knows("customers", known.id)
    there = {"customer_id": None, "customer_time_zone": "Atlantic/Canary"}
    booked = place(**there, customer_email=known.email)
    await tell(studio, PlaceBooked, attendance=booked)
    (mail,) = await reader.told(recipient=str(known.email))
    assert says(mail, "Your time")
