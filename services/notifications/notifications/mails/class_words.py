"""What mails about places in classes, and waiting for one, say in the words of a place."""

from babel import Locale

from contracts.pilates import ClassSession
from notifications.mails import local_words
from notifications.mails.facts import DropInFacts, PlaceFacts, WaitlistFacts
from notifications.mails.local_words import Place
from notifications.mails.receipt_words import receipt_words

Words = dict[str, object]


def session_words(session: ClassSession, place: Place, reader_zone: str | None) -> Words:
    return {
        "class_name": session.name,
        "instructor_name": session.instructor_name,
        "room_name": session.room_name,
        "day": place.day(session.starts_at),
        "short_day": place.short_day(session.starts_at),
        "hours": place.hours(session.starts_at, session.ends_at),
        "starts": place.clock(session.starts_at),
        "elsewhere": place.elsewhere(session.starts_at, session.ends_at, reader_zone),
    }


def place_words(facts: PlaceFacts, locale: Locale) -> Words:
    attendance = facts.attendance
    place = Place(attendance.session.time_zone, locale)
    awaited = attendance.pay_by if attendance.payment_status == "awaited" else None
    return {
        **session_words(attendance.session, place, facts.reader_zone),
        "customer_name": attendance.customer_name,
        "is_reader": attendance.customer_email is not None,
        "spot": attendance.spot_label,
        "paid_with": attendance.paid_with,
        "credits": attendance.credits,
        "package_name": attendance.package_name,
        "price": local_words.price(attendance.price_cents, attendance.session.currency, locale),
        "payment_status": attendance.payment_status,
        "to_pay": local_words.price(
            facts.pay_cents or attendance.price_cents, attendance.session.currency, locale
        ),
        "pay_by": place.moment(awaited, zoned=True) if awaited else None,
        "pay_url": facts.pay_url,
        "free_until": place.moment(attendance.free_until) if is_free_yet(facts) else None,
        "is_at_stake": attendance.paid_with in ("credit", "drop_in"),
        "cancelled_by": facts.cancelled_by,
        "cause": facts.cause,
        "reason": facts.reason,
        "credit": facts.credit,
        **changed_words(facts, place),
    }


def is_free_yet(facts: PlaceFacts) -> bool:
    """A place that was booked at the last minute has never been free to give up."""
    return facts.occurred_at is None or facts.occurred_at <= facts.attendance.free_until


def changed_words(facts: PlaceFacts, place: Place) -> Words:
    """How it was before; what is absent from the event has not changed."""
    session = facts.attendance.session
    lasted, lasts = None, session.ends_at - session.starts_at
    if facts.previous_starts_at or facts.previous_ends_at:
        started = facts.previous_starts_at or session.starts_at
        lasted = (facts.previous_ends_at or session.ends_at) - started
    moved = facts.previous_starts_at not in (None, session.starts_at)
    return {
        "previously": place.moment(facts.previous_starts_at)
        if moved and facts.previous_starts_at
        else None,
        "length": local_words.length(lasts, place.locale),
        "previous_length": local_words.length(lasted, place.locale)
        if lasted and lasted != lasts
        else None,
        "previous_class_name": facts.previous_name,
        "previous_instructor_name": facts.previous_instructor_name,
        "previous_room_name": facts.previous_room_name,
        "previous_spot": facts.previous_spot_label,
    }


def drop_in_words(facts: DropInFacts, locale: Locale) -> Words:
    place = Place(facts.attendance.session.time_zone, locale)
    return {**place_words(facts, locale), **receipt_words(facts.receipt, place)}


def waitlist_words(facts: WaitlistFacts, locale: Locale) -> Words:
    entry = facts.entry
    place = Place(entry.session.time_zone, locale)
    until = entry.offer_expires_at
    return {
        **session_words(entry.session, place, facts.reader_zone),
        "customer_name": entry.customer_name,
        "party_size": entry.party_size,
        "position": entry.position,
        "offered_until": place.moment(until, zoned=True) if until else None,
        "skip_reason": facts.reason or entry.skip_reason,
    }
