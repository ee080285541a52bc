"""What mails about appointments say, in the words of a place."""

from babel import Locale

from notifications.mails import local_words
from notifications.mails.facts import AppointmentFacts, ReceiptFacts
from notifications.mails.local_words import Place
from notifications.mails.receipt_words import receipt_words

Words = dict[str, object]
NO_CREDIT = ("no-credit", "too-few-credits")


def appointment_words(facts: AppointmentFacts, locale: Locale) -> Words:
    booked = facts.appointment
    place = Place(booked.time_zone, locale)
    return {
        "customer_name": booked.customer_name,
        "service_name": booked.service_name,
        "staff_name": booked.staff_name,
        "day": place.day(booked.starts_at),
        "short_day": place.short_day(booked.starts_at),
        "hours": place.hours(booked.starts_at, booked.ends_at),
        "starts": place.clock(booked.starts_at),
        "elsewhere": place.elsewhere(booked.starts_at, booked.ends_at, facts.reader_zone),
        "price": local_words.price(booked.price_cents, booked.currency, locale),
        "credits": booked.credits,
        "status": booked.status,
        "ending": ending(facts),
        "missing": missing(facts),
        "wished": place.moment(facts.wished_starts_at) if facts.wished_starts_at else None,
        "reason": facts.reason,
        "cause": facts.cause,
        "late": facts.late,
        "was_confirmed": facts.was_confirmed,
        **changed_words(facts, place),
        **deposit_words(facts, place),
    }


def ending(facts: AppointmentFacts) -> str | None:
    """How it was cancelled. Who asked for a time and did not get it had nothing to cancel."""
    if facts.cause == "deposit_not_paid":
        return "not_paid"
    if facts.cancelled_by == "business" and not facts.was_confirmed:
        return missing(facts) or "declined"
    return facts.cancelled_by


def missing(facts: AppointmentFacts) -> str | None:
    """What it needed and could not have."""
    if facts.not_held is None:
        return None
    return "no_credit" if facts.not_held in NO_CREDIT else "no_thing"


def changed_words(facts: AppointmentFacts, place: Place) -> Words:
    """How it was before; an event names what has changed, and always the start."""
    booked = facts.appointment
    words: Words = dict.fromkeys(("previously", "previous_length", "previous_staff_name"))
    words["length"] = local_words.length(booked.ends_at - booked.starts_at, place.locale)
    started, ended = facts.previous_starts_at, facts.previous_ends_at or booked.ends_at
    if started and started != booked.starts_at:
        words["previously"] = place.moment(started)
    if started and ended - started != booked.ends_at - booked.starts_at:
        words["previous_length"] = local_words.length(ended - started, place.locale)
    if facts.previous_staff_id not in (None, booked.staff_id):
        words["previous_staff_name"] = facts.previous_staff_name
    return words


def deposit_words(facts: AppointmentFacts, place: Place) -> Words:
    booked = facts.appointment
    awaited = booked.pay_by if booked.deposit_status == "awaited" else None
    return {
        "deposit": local_words.price(booked.deposit_cents, booked.currency, place.locale),
        "deposit_status": booked.deposit_status,
        "pay_by": place.moment(awaited, zoned=True) if awaited else None,
        "pay_url": facts.pay_url,
    }


def deposit_receipt_words(facts: ReceiptFacts, locale: Locale) -> Words:
    place = Place(facts.appointment.time_zone, locale)
    return {**appointment_words(facts, locale), **receipt_words(facts.receipt, place)}
