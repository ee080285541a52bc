"""What is said of places in classes, and of waiting for one."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.pilates import (
    DropInPaid,
    DropInRefunded,
    PlaceBooked,
    PlaceCancelled,
    PlaceChanged,
    PlaceOffered,
    WaiterSkipped,
    WaitlistJoined,
    WaitlistLeft,
)
from notifications.mails import sample_bookings
from notifications.testing import Studio
from services.notifications.tests.reading import Reader, says
from services.notifications.tests.told import (
    class_session,
    drop_in,
    know,
    moved,
    place,
    tell,
    waiter,
)

SUMMER = datetime(2100, 7, 6, 8, tzinfo=UTC)
"""Ten o'clock in Berlin."""


async def test_a_booked_place_says_where_when_and_what_it_cost(
    reader: Reader, studio: Studio
) -> None:
    booked = place(starts_at=SUMMER)
    await tell(studio, PlaceBooked, attendance=booked)
    (mail,) = await reader.told(recipient=str(booked.customer_email))
    assert mail["kind"] == "place_booked"
    assert mail["body"]["subject"] == "Booked: Reformer Flow, Tue, 6 Jul, 10:00"
    assert says(mail, "10:00 \u2013 10:50", "Studio 2", "Reformer 3", "1 credit of 10er-Karte")
    assert says(mail, "You can cancel free of charge until Monday, 5 July")


async def test_a_place_that_waits_for_its_money_says_where_to_pay_and_until_when(
    reader: Reader, studio: Studio
) -> None:
    owing = drop_in(starts_at=SUMMER, payment_status="awaited", pay_by=SUMMER - timedelta(days=3))
    pay_url = "http://localhost:8000/api/public/drop-ins/1/pay?token=2"
    await tell(studio, PlaceBooked, attendance=owing, pay_url=pay_url)
    (mail,) = await reader.told(recipient=str(owing.customer_email))
    assert mail["body"]["subject"].startswith("Payment due: Reformer Flow")
    assert says(mail, "Please pay 28,00 € by Saturday, 3 July")
    assert pay_url in mail["body"]["text"]


async def test_what_changed_is_named_and_nothing_else(reader: Reader, studio: Studio) -> None:
    booked = place(starts_at=SUMMER, instructor_name="Tessa Kern")
    before = {
        "previous_starts_at": SUMMER - timedelta(hours=2),
        "previous_ends_at": SUMMER - timedelta(minutes=70),
        "previous_instructor_name": "Lena Vogt",
    }
    await tell(studio, PlaceChanged, attendance=booked, cause="session_changed", **before)
    (mail,) = await reader.told(recipient=str(booked.customer_email))
    assert mail["body"]["subject"].startswith("Moved: Reformer Flow, now Tue, 6 Jul")
    assert says(mail, "Before, it was on Tuesday, 6 July", "with Tessa Kern instead of Lena Vogt")
    assert "instead of Studio" not in mail["body"]["text"]
    assert "It lasts" not in mail["body"]["text"]


@pytest.mark.parametrize(
    ("place_now", "event", "sentence"),
    [
        ({}, {"cancelled_by": "customer", "credit": "returned"}, "Your credit is back in"),
        (
            {"status": "late_cancelled"},
            {"cancelled_by": "customer", "credit": "forfeited"},
            "too late to cancel free of charge, so the credit is used up",
        ),
        (
            {"paid_with": "drop_in", "price_cents": 2800, "payment_status": "refund_due"},
            {"cancelled_by": "business", "cause": "session_cancelled"},
            "had to cancel this class.",
        ),
        (
            {"paid_with": "drop_in", "price_cents": 2800, "payment_status": "forfeited"},
            {"cancelled_by": "customer"},
            "keeps the",
        ),
        ({}, {"cancelled_by": "customer", "cause": "declined"}, "given back the place"),
        ({}, {"cancelled_by": "business", "reason": "Too ill."}, "Reason: Too ill."),
    ],
)
async def test_a_cancelled_place_says_by_whom_and_what_becomes_of_what_was_paid(
    reader: Reader,
    studio: Studio,
    place_now: dict[str, object],
    event: dict[str, object],
    sentence: str,
) -> None:
    gone = place(**{"status": "cancelled", **place_now})
    await tell(studio, PlaceCancelled, attendance=gone, **event)
    (mail,) = await reader.told(recipient=str(gone.customer_email))
    assert says(mail, sentence)


async def test_company_is_told_of_to_who_brought_them(reader: Reader, studio: Studio) -> None:
    payer = await know(studio)
    company = place(
        customer_name="Eva", customer_id=None, customer_email=None, payer_email=payer.email
    )
    await tell(studio, PlaceBooked, attendance=company)
    (mail,) = await reader.told(recipient=str(payer.email))
    assert says(mail, "For", "Eva")


async def test_who_moves_up_reads_until_when_giving_back_is_free(
    reader: Reader, studio: Studio
) -> None:
    promoted = place(starts_at=SUMMER, free_until=SUMMER - timedelta(hours=1))
    await tell(studio, PlaceBooked, attendance=promoted, promoted=True)
    (mail,) = await reader.told(recipient=str(promoted.customer_email))
    assert mail["kind"] == "place_promoted"
    assert says(mail, "give the place back by Tuesday, 6 July")


async def test_money_for_a_place_has_its_receipts(reader: Reader, studio: Studio) -> None:
    paid = drop_in(starts_at=SUMMER)
    receipt = sample_bookings.receipt(series="C", number=7, amount_cents=2800)
    back = sample_bookings.receipt(series="C", number=8, kind="refund", amount_cents=2800)
    await tell(studio, DropInPaid, attendance=paid, receipt=receipt)
    gone = moved(paid, status="cancelled", payment_status="refunded")
    await tell(studio, DropInRefunded, attendance=gone, receipt=back, cause="cancelled")
    mails = await reader.told(2, recipient=str(paid.customer_email))
    subjects = sorted(mail["body"]["subject"].partition(":")[0] for mail in mails)
    assert subjects == ["Receipt C7", "Refund C8"]


async def test_waiting_is_told_step_by_step(reader: Reader, studio: Studio) -> None:
    waits = waiter(position=3)
    await tell(studio, WaitlistJoined, entry=waits)
    skipped = moved(waits, skip_reason="no_credit")
    await tell(studio, WaiterSkipped, entry=skipped, reason="no_credit")
    until = waits.session.starts_at - timedelta(hours=5)
    offered = moved(skipped, status="offered", offer_expires_at=until)
    await tell(studio, PlaceOffered, entry=offered)
    lapsed = moved(offered, status="lapsed", offer_expires_at=None)
    await tell(studio, WaitlistLeft, entry=lapsed)
    mails = await reader.told(4, recipient=str(waits.customer_email))
    by_kind = {mail["kind"]: mail for mail in mails}
    assert says(by_kind["waitlist_joined"], "You are number 3 on its waitlist")
    assert says(
        by_kind["waiter_skipped"], "no package with a credit", "keep your place in the queue"
    )
    assert says(by_kind["place_offered"], "We keep it for you until", "Accept or decline")
    assert "/manage/hidden" in by_kind["place_offered"]["body"]["text"]
    assert says(by_kind["offer_lapsed"], "it is there for others again")


async def test_leaving_a_waitlist_silence_and_the_past_need_no_mail(
    reader: Reader, studio: Studio
) -> None:
    past = class_session(starts_at=datetime.now(UTC) - timedelta(hours=3))
    for status in ("left", "promoted", "declined", "over"):
        await tell(studio, WaitlistLeft, entry=waiter(status=status))
    await tell(studio, PlaceBooked, attendance=place(session=past))
    await tell(studio, PlaceBooked, attendance=place(), notify_customer=False)
    await tell(studio, PlaceOffered, entry=waiter(customer_email=None))
    # Whoever hears of these has heard of those before them.
    await tell(studio, WaitlistLeft, entry=waiter(status="lapsed"))
    await tell(studio, PlaceBooked, attendance=place())
    soon = datetime.now(UTC) + timedelta(hours=1)
    await tell(studio, PlaceOffered, entry=waiter(status="offered", offer_expires_at=soon))
    said = sorted(mail["kind"] for mail in await reader.told(3))
    assert said == ["offer_lapsed", "place_booked", "place_offered"]


async def test_the_reader_s_language_and_zone_come_first(reader: Reader, studio: Studio) -> None:
    spaniard = await know(studio, locale="es-ES", time_zone="Atlantic/Canary")
    stranger = await know(studio, locale="fi-FI")
    session = class_session(locale="de-DE", starts_at=SUMMER)
    for customer in (spaniard, stranger):
        await reader.knows("customers", customer.id)
        theirs = place(session=session, customer_id=customer.id, customer_email=customer.email)
        await tell(studio, PlaceBooked, attendance=theirs)
    (mail,) = await reader.told(recipient=str(spaniard.email))
    assert mail["body"]["language"] == "es"
    assert says(mail, "Tu plaza está reservada", "10:00 \u2013 10:50", "9:00 \u2013 9:50")
    (mail,) = await reader.told(recipient=str(stranger.email))
    assert mail["body"]["language"] == "de"


async def test_a_guest_reads_the_time_where_they_are_before_anybody_knows_them(
    reader: Reader, studio: Studio
) -> None:
    there = {"customer_id": None, "customer_time_zone": "Atlantic/Canary"}
    guest = place(session=class_session(starts_at=SUMMER), payer_id=None, **there)
    await tell(studio, PlaceBooked, attendance=guest)
    (mail,) = await reader.told(recipient=str(guest.customer_email))
    assert says(mail, "10:00 \u2013 10:50", "09:00 \u2013 09:50")
    booked = await studio.confirm(starts_at=SUMMER, **there)
    (mail,) = await reader.told(recipient=str(booked.customer_email))
    assert says(mail, "10:00 \u2013 10:55", "09:00 \u2013 09:55")


async def test_who_was_paid_for_is_booked_from_then_on(reader: Reader, studio: Studio) -> None:
    owing = drop_in(starts_at=SUMMER, payment_status="awaited", pay_by=SUMMER - timedelta(days=3))
    await tell(studio, PlaceBooked, attendance=owing, pay_url="http://x.example/1", pay_cents=5600)
    paid = moved(owing, payment_status="paid", pay_by=None)
    await tell(studio, PlaceChanged, attendance=paid, cause="payment")
    mails = await reader.told(2, recipient=str(owing.customer_email))
    due, booked = sorted(mails, key=lambda mail: "Payment due" not in mail["body"]["subject"])
    assert says(due, "Please pay 56,00 € by")
    assert says(booked, "Your place is booked")
