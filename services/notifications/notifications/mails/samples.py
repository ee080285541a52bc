"""One mail or more of every kind, such as a studio in Berlin would send: for people to look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from notifications.mails import sample_bookings as made_up
from notifications.mails.envelope import Letter
from notifications.mails.facts_of_kinds import FACTS
from notifications.mails.kinds import Kind
from notifications.mails.sample_bookings import BOOKED_AT, EMAIL, HOUR, OF_BUSINESS, STARTS_AT

EARLIER = STARTS_AT - 2 * HOUR
DEADLINE = STARTS_AT - timedelta(days=1)
CLIENT = {"customer_name": "Ana Silva", "time_zone": "Europe/Berlin"}
LINK = {"url": "https://bookly.example/portal/core#token=s3cret", "expires_at": BOOKED_AT + HOUR}
NOBODY = {"customer_name": None, "customer_email": None, "customer_phone": None}
PAY_URL = "https://bookly.example/api/public/deposits/d1/pay?token=t1"


@dataclass(frozen=True)
class Sample:
    kind: Kind
    case: str
    """What is particular about this one."""
    context: dict[str, Any]

    def letter(self, locale: str) -> Letter:
        facts = FACTS[self.kind].parse(ABOUT_ALL | self.context | {"locale": locale})
        return Letter(
            business_id=made_up.BUSINESS,
            id=made_up.BOOKING,
            kind=self.kind,
            recipient=EMAIL,
            context=facts.stored(),
            dated_at=BOOKED_AT,
        )


ABOUT_ALL: dict[str, Any] = {
    "business_id": made_up.BUSINESS,
    "business_name": OF_BUSINESS["business_name"],
    "reply_to": "hello@core.example",
    "portal_slug": "core-berlin",
}


def samples() -> Iterator[Sample]:
    for of_one_noun in (appointments, deposits, places, waitlist, packages, accounts, studio):
        for kind, case, context in of_one_noun():
            yield Sample(Kind(kind), case, context)


Cases = Iterator[tuple[str, str, dict[str, Any]]]


def appointments() -> Cases:
    booked, pending = made_up.appointment(), made_up.appointment(status="pending")
    owing = {"status": "pending", "deposit_status": "awaited", "pay_by": BOOKED_AT + HOUR}
    with_credits = made_up.appointment(credits=2)
    yield "appointment_requested", "for the studio to confirm", {"appointment": pending}
    yield (
        "appointment_requested",
        "deposit due",
        {"appointment": made_up.appointment(**owing), "pay_url": PAY_URL},
    )
    yield (
        "appointment_requested",
        "deposit due, no link",
        {"appointment": made_up.appointment(**owing)},
    )
    yield "appointment_confirmed", "", {"appointment": booked}
    yield (
        "appointment_confirmed",
        "reader elsewhere, paid with credits",
        {"appointment": with_credits, "reader_zone": "America/New_York"},
    )
    yield (
        "appointment_rescheduled",
        "time, length and teacher",
        {
            "appointment": booked,
            "previous_starts_at": EARLIER,
            "previous_ends_at": EARLIER + HOUR / 2,
            "previous_staff_id": made_up.BOOKING,
            "previous_staff_name": "Tessa Kern",
        },
    )
    yield (
        "appointment_rescheduled",
        "not confirmed yet",
        {"appointment": pending, "previous_starts_at": EARLIER},
    )
    yield from kept_appointments()
    yield from cancelled_appointments()
    yield "appointment_reopened", "", {"appointment": booked}
    yield "appointment_reminder", "", {"appointment": booked}


def kept_appointments() -> Cases:
    told = {"appointment": made_up.appointment(), "wished_starts_at": EARLIER}
    yield "appointment_kept", "no machine", told | {"not_held": "machines-short"}
    yield "appointment_kept", "no credit", told | {"not_held": "no-credit"}


def cancelled_appointments() -> Cases:
    def told(by: str, **changed: Any) -> dict[str, Any]:
        of_appointment = changed.pop("appointment", {})
        cancelled = made_up.appointment(status="cancelled", sequence=1, **of_appointment)
        return {"appointment": cancelled, "cancelled_by": by} | changed

    kind = "appointment_cancelled"
    refund, lost = {"deposit_status": "refund_due"}, {"deposit_status": "forfeited"}
    yield kind, "by the studio", told("business", reason="Lena is ill.", appointment=refund)
    yield kind, "by the client", told("customer", appointment={"credits": 1})
    yield kind, "late", told("customer", late=True, appointment=lost)
    yield kind, "late, with credits", told("customer", late=True, appointment={"credits": 2})
    declined = {"was_confirmed": False}
    yield kind, "declined", told("business", **declined)
    yield kind, "declined, no machine", told("business", not_held="machines-short", **declined)
    yield kind, "declined, no credit", told("business", not_held="no-credit", **declined)
    yield kind, "deposit not paid", told("business", cause="deposit_not_paid", was_confirmed=False)


def deposits() -> Cases:
    told = {"appointment": made_up.appointment(), "receipt": made_up.receipt()}
    refund = told | {"receipt": made_up.receipt(number=18, kind="refund")}
    yield "deposit_paid", "", told
    for cause in ("paid_too_late", "cancelled", "by_the_studio", "not_owed"):
        yield "deposit_refunded", cause, refund | {"cause": cause}
    yield "deposit_refunded", "no words for its cause", refund | {"cause": "of_tomorrow"}


def places() -> Cases:
    place, paid = made_up.attendance(), made_up.drop_in()
    owing = made_up.drop_in(payment_status="awaited", pay_by=BOOKED_AT + HOUR)
    company = made_up.attendance(customer_name="Eva", customer_email=None, customer_id=None)
    yield "place_booked", "with a credit", {"attendance": place}
    yield (
        "place_booked",
        "at the last minute",
        {"attendance": place, "occurred_at": STARTS_AT - HOUR},
    )
    yield "place_booked", "payment due", {"attendance": owing, "pay_url": PAY_URL}
    party = {"attendance": owing, "pay_url": PAY_URL, "pay_cents": 5600}
    yield "place_booked", "payment due, of a party", party
    yield "place_booked", "at the studio", {"attendance": made_up.drop_in(paid_with="at_studio")}
    yield "place_booked", "somebody's company", {"attendance": company}
    yield "place_promoted", "", {"attendance": place, "promoted": True}
    yield "place_promoted", "payment due", {"attendance": owing, "pay_url": PAY_URL}
    yield (
        "place_changed",
        "everything",
        {
            "attendance": place,
            "cause": "session_changed",
            "previous_starts_at": EARLIER,
            "previous_ends_at": EARLIER + HOUR / 2,
            "previous_name": "Mat Basics",
            "previous_instructor_name": "Tessa Kern",
            "previous_room_name": "Studio 1",
            "previous_spot_label": "Reformer 7",
        },
    )
    spot = {"cause": "spot_changed", "previous_spot_label": "Reformer 7"}
    yield "place_changed", "another spot", {"attendance": place} | spot
    yield from cancelled_places()
    yield "place_reminder", "", {"attendance": place, "reader_zone": "America/New_York"}
    receipt = {"receipt": made_up.receipt(series="C", amount_cents=2800)}
    yield "drop_in_paid", "", {"attendance": paid} | receipt
    refund = {"receipt": made_up.receipt(series="C", number=18, kind="refund", amount_cents=2800)}
    for cause in ("paid_too_late", "cancelled", "by_the_studio", "not_owed"):
        yield "drop_in_refunded", cause, {"attendance": paid, "cause": cause} | refund


def cancelled_places() -> Cases:
    kind = "place_cancelled"
    over = {"status": "cancelled", "sequence": 1}
    late = {"status": "late_cancelled", "sequence": 1}
    place, late_place = made_up.attendance(**over), made_up.attendance(**late)
    refunded = made_up.drop_in(**over, payment_status="refund_due")
    lost = made_up.drop_in(**late, payment_status="forfeited")
    unpaid = made_up.drop_in(**over, payment_status="none")
    by_client, by_studio = {"cancelled_by": "customer"}, {"cancelled_by": "business"}
    back, gone = {"credit": "returned"}, {"credit": "forfeited"}
    yield kind, "in time", {"attendance": place} | by_client | back
    yield kind, "late", {"attendance": late_place} | by_client | gone
    yield kind, "late, paid", {"attendance": lost} | by_client
    yield kind, "declined", {"attendance": place, "cause": "declined"} | by_client | back
    yield kind, "by the studio", {"attendance": place, "reason": "See you soon."} | by_studio | back
    yield kind, "the class", {"attendance": refunded, "cause": "session_cancelled"} | by_studio
    yield kind, "not paid", {"attendance": unpaid, "cause": "drop_in_not_paid"} | by_studio


def waitlist() -> Cases:
    offered = {"status": "offered", "offer_expires_at": DEADLINE}
    yield "waitlist_joined", "", {"entry": made_up.entry()}
    yield "waitlist_joined", "a party", {"entry": made_up.entry(party_size=2, position=None)}
    yield "place_offered", "", {"entry": made_up.entry(**offered)}
    yield "place_offered", "a party", {"entry": made_up.entry(**offered, party_size=2)}
    yield "offer_lapsed", "", {"entry": made_up.entry(status="lapsed")}
    yield "waitlist_over", "", {"entry": made_up.entry(status="over", position=None)}
    for reason in ("no_credit", "time_conflict", "party_too_large", "not_a_customer"):
        yield "waiter_skipped", reason, {"entry": made_up.entry(), "reason": reason}


def packages() -> Cases:
    sold = {"receipt": made_up.receipt(series="C", amount_cents=24000)}
    yield "package_sold", "", {"package": made_up.package()} | sold
    yield "package_sold", "given", {"package": made_up.package(price_cents=0, expires_on=None)}
    back = {"receipt": made_up.receipt(series="C", number=18, kind="refund", amount_cents=12000)}
    voided = {"package": made_up.package(balance=0), "reason": "You are moving away."}
    yield "package_voided", "money back", voided | back
    yield "package_voided", "", voided
    yield "package_low", "one left", {"package": made_up.package(balance=1)}
    yield "package_low", "none left", {"package": made_up.package(balance=0)}
    yield "package_expiring", "", {"package": made_up.package(balance=3)}


def accounts() -> Cases:
    yield "magic_link", "", CLIENT | LINK
    yield "email_change", "", CLIENT | LINK | {"new_email": "ana@new.example"}
    yield "email_changed", "", CLIENT | {"new_email": "ana@new.example"}
    yield "erasure_completed", "", CLIENT
    invitation = {"accept_url": "https://bookly.example/join?token=s3cret"}
    yield "member_invited", "", {**invitation, "expires_at": BOOKED_AT + 24 * HOUR}


def studio() -> Cases:
    notice: dict[str, Any] = {
        "title": "Reformer Private",
        "customer_name": "Ana Silva",
        "customer_email": EMAIL,
        "customer_phone": "+4930901820",
        "staff_name": "Lena Vogt",
        "starts_at": STARTS_AT,
        "finishes_at": STARTS_AT + HOUR,
        "time_zone": "Europe/Berlin",
        "status": "confirmed",
    }
    before = {"previous_starts_at": EARLIER, "previous_staff_name": "Tessa Kern"}
    yield "booking_new", "", notice
    yield "booking_new", "to be confirmed", notice | {"status": "pending"}
    yield "booking_new", "from the waitlist", notice | {"promoted": True}
    yield "booking_changed", "", notice | before
    yield "booking_changed", "the class", notice | before | NOBODY
    yield "booking_cancelled", "by the client", notice | {"cancelled_by": "customer", "late": True}
    yield "booking_cancelled", "by the studio", notice | {"cancelled_by": "business"}
    yield "booking_cancelled", "the class", notice | NOBODY | {"cancelled_by": "business"}
    of_day = {"staff_name": "Lena Vogt", "time_zone": "Europe/Berlin", "day": STARTS_AT.date()}
    times = {"starts_at": STARTS_AT, "finishes_at": STARTS_AT + HOUR}
    entries: list[dict[str, Any]] = [
        {**times, "title": "Reformer Private", "who": "Ana Silva"},
        {**times, "title": "Duo", "who": "Eva Roth", "waits": True},
        {**times, "title": "Reformer Flow", "who": None, "taken": 6, "capacity": 8},
    ]
    yield "daily_agenda", "", of_day | {"entries": entries}
