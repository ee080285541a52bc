"""What came to nothing before the studio, or a calendar, had heard of it ends without a word."""

from datetime import timedelta

from contracts.pilates import PlaceBooked, PlaceCancelled
from notifications.mails.gallery import render
from notifications.mails.kinds import Kind
from notifications.mails.samples import Sample
from notifications.testing import Studio, lesson
from services.notifications.tests.reading import Reader
from services.notifications.tests.told import drop_in, found, moved, tell

DAY = timedelta(days=1)


async def test_of_what_waited_for_its_money_the_studio_hears_nothing_when_it_is_given_up(
    reader: Reader, studio: Studio
) -> None:
    business = await found(studio)
    await reader.knows("businesses", studio.business_id)
    of_studio = {"recipient": str(business.email)}
    owing = lesson(status="pending", deposit_cents=3000, deposit_status="awaited")
    owing = moved(owing, pay_by=owing.starts_at - DAY, sequence=0)
    given_up = moved(owing, deposit_status="none", pay_by=None)
    by_client = {"cancelled_by": "customer", "was_confirmed": False}
    await studio.tell(studio.requested(owing), studio.cancelled(given_up, **by_client))
    unheld = lesson(status="pending")
    declined = {"was_confirmed": False, "not_held": "machines-short"}
    await studio.tell(studio.cancelled(unheld, **declined))
    unpaid = drop_in(payment_status="awaited", pay_by=owing.starts_at - DAY)
    await tell(studio, PlaceBooked, attendance=unpaid)
    gone = moved(unpaid, status="cancelled", payment_status="none", pay_by=None)
    await tell(studio, PlaceCancelled, attendance=gone, cancelled_by="customer")
    # Who asked and was told of, and who has paid, is told of to the end.
    asked, paid = lesson(status="pending"), drop_in()
    await studio.tell(studio.requested(asked), studio.cancelled(asked, **by_client))
    await tell(studio, PlaceBooked, attendance=paid)
    back = moved(paid, status="cancelled", payment_status="refund_due")
    await tell(studio, PlaceCancelled, attendance=back, cancelled_by="customer")
    for booked in (asked, paid):
        told = await reader.told(2, about=str(booked.id), **of_studio)
        assert {mail["kind"] for mail in told} == {"booking_new", "booking_cancelled"}
    for booked in (owing, unheld, unpaid):
        await reader.told(1, about=str(booked.id), kind=cancelled(booked))
        assert await reader.all(about=str(booked.id), **of_studio) == []


def test_a_place_that_was_never_paid_for_is_struck_out_of_no_calendar() -> None:
    def attached(payment_status: str) -> int:
        gone = drop_in(status="cancelled", payment_status=payment_status)
        told = {"attendance": gone, "cancelled_by": "customer"}
        mail = render(Sample(Kind.PLACE_CANCELLED, "", told), "en")
        return len(list(mail.iter_attachments()))

    assert attached("refund_due") == 1
    assert attached("none") == 0


def cancelled(booked: object) -> str:
    return "place_cancelled" if hasattr(booked, "party_id") else "appointment_cancelled"
