"""A booking as its client sees it."""

from datetime import datetime, timedelta

from contracts.pilates import Attendance
from contracts.scheduling import Appointment
from portal.bookings.models import OPEN, Booking
from portal.bookings.schemas import AtStake, BookingRead, Ending, WishedMove


def view(booking: Booking, window_minutes: int | None, now: datetime) -> BookingRead:
    """`window_minutes` is the service's, of an appointment."""
    if booking.kind == "appointment":
        seen = of_appointment(booking, booking.appointment, window_minutes)
    else:
        seen = of_place(booking, booking.attendance)
    is_open = booking.status in OPEN
    if seen.pay_by is None or now >= seen.pay_by:
        seen.pay_url = seen.pay_cents = None
    unpaid = seen.pay_by is not None and now >= seen.pay_by
    seen.may_cancel = is_open and now < booking.starts_at and not unpaid
    in_time = seen.free_until is not None and now <= seen.free_until
    wished = WishedMove.model_validate(booking.wish) if booking.wish else None
    is_asking = wished is not None and wished.not_held is None
    seen.may_move = seen.may_cancel and in_time and not is_asking
    seen.wished_move = wished
    seen.ending = Ending.model_validate(booking.ending) if booking.ending else None
    return seen


def of_appointment(booking: Booking, told: Appointment, window_minutes: int | None) -> BookingRead:
    free_until = None
    if window_minutes is not None:
        free_until = told.starts_at - timedelta(minutes=window_minutes)
    paid = told.deposit_cents if told.deposit_status == "paid" else 0
    return BookingRead(
        id=told.id,
        kind="appointment",
        version=told.version,
        status=told.status,
        title=told.service_name,
        starts_at=told.starts_at,
        ends_at=told.ends_at,
        time_zone=told.time_zone,
        with_name=told.staff_name,
        staff_id=told.staff_id,
        session_id=None,
        room_name=None,
        spot_label=None,
        attendee=told.customer_name,
        price_cents=told.price_cents,
        currency=told.currency,
        credits=told.credits,
        package_name=None,
        payment_status=told.deposit_status,
        pay_by=told.pay_by,
        pay_url=booking.pay_url,
        pay_cents=told.deposit_cents,
        free_until=free_until,
        at_stake=AtStake(credits=told.credits, deposit_cents=paid),
        may_cancel=False,
        may_move=False,
        ending=None,
    )


def of_place(booking: Booking, told: Attendance) -> BookingRead:
    held = told.session
    paid = told.price_cents if told.payment_status == "paid" else 0
    return BookingRead(
        id=told.id,
        kind="place",
        version=told.version,
        status=told.status,
        title=held.name,
        starts_at=held.starts_at,
        ends_at=held.ends_at,
        time_zone=held.time_zone,
        with_name=held.instructor_name,
        staff_id=held.instructor_id,
        session_id=held.id,
        room_name=held.room_name,
        spot_label=told.spot_label,
        attendee=told.customer_name,
        party_id=told.party_id,
        price_cents=told.price_cents,
        currency=held.currency,
        credits=told.credits,
        package_name=told.package_name,
        payment_status=told.payment_status,
        pay_by=told.pay_by,
        pay_url=booking.pay_url,
        pay_cents=booking.pay_cents,
        free_until=told.free_until,
        at_stake=AtStake(credits=told.credits, deposit_cents=paid),
        may_cancel=False,
        may_move=False,
        ending=None,
    )
