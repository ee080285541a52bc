"""Who waits for a place hears how the waiting ends, where that is no doing of their own."""

import pytest

from contracts.pilates import WaitlistJoined, WaitlistLeft
from notifications.testing import Studio
from services.notifications.tests.reading import Reader, says
from services.notifications.tests.told import class_session, moved, tell, waiter


async def test_who_waits_for_a_class_is_told_that_it_is_cancelled(
    reader: Reader, studio: Studio
) -> None:
    waiting = waiter()
    cancelled = moved(waiting.session, status="cancelled")
    over = moved(waiting, status="over", position=None, session=cancelled)
    await tell(studio, WaitlistJoined, entry=waiting)
    await tell(studio, WaitlistLeft, entry=over)
    mails = await reader.told(2, recipient=str(waiting.customer_email))
    assert {mail["kind"] for mail in mails} == {"waitlist_joined", "waitlist_over"}
    (mail,) = (mail for mail in mails if mail["kind"] == "waitlist_over")
    assert says(mail, "had to cancel this class")


@pytest.mark.parametrize("status", ["left", "declined", "promoted", "over"])
async def test_who_leaves_by_themselves_or_is_promoted_hears_nothing_of_the_queue(
    reader: Reader, studio: Studio, status: str
) -> None:
    waiting = waiter(status=status, position=None, session=class_session())
    await tell(studio, WaitlistLeft, entry=waiting)
    marker = waiter(status="lapsed", position=None)
    await tell(studio, WaitlistLeft, entry=marker)
    await reader.told(1, recipient=str(marker.customer_email))
    assert await reader.all(about=str(waiting.id)) == []
