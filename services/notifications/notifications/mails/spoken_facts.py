"""Facts as the words that templates put together, in the language and customs of a place."""

from collections.abc import Callable, Mapping

from babel import Locale

from notifications.mails import local_words
from notifications.mails.kinds import (
    AppointmentFacts,
    Facts,
    MemberInvitedFacts,
    ReceiptFacts,
)

Words = dict[str, str | None]


def words_of(facts: Facts, language: str) -> Mapping[str, str | None]:
    speak: dict[type[Facts], Callable[..., Words]] = {
        AppointmentFacts: appointment_words,
        ReceiptFacts: receipt_words,
        MemberInvitedFacts: invitation_words,
    }
    locale = local_words.locale_for(language, facts.locale)
    return {"business_name": facts.business_name, **speak[type(facts)](facts, locale)}


def appointment_words(facts: AppointmentFacts, locale: Locale) -> Words:
    booked = facts.appointment
    place = (booked.time_zone, locale)
    return {
        "customer_name": booked.customer_name,
        "service_name": booked.service_name,
        "staff_name": booked.staff_name,
        "day": local_words.day(booked.starts_at, *place),
        "short_day": local_words.short_day(booked.starts_at, *place),
        "hours": local_words.hours(booked.starts_at, booked.ends_at, *place),
        "price": local_words.price(booked.price_cents, booked.currency, locale),
        "status": booked.status,
        "ending": ending(facts),
        "reason": facts.reason,
        "cause": facts.cause,
        **changed_words(facts, locale),
        **deposit_words(facts, locale),
    }


def ending(facts: AppointmentFacts) -> str | None:
    """How it was cancelled. Who asked for a time and did not get it had nothing to cancel."""
    if facts.cause == "deposit_not_paid":
        return "not_paid"
    if facts.cancelled_by == "business" and not facts.was_confirmed:
        return "declined"
    return facts.cancelled_by


def changed_words(facts: AppointmentFacts, locale: Locale) -> Words:
    """How it was before; an event names what has changed, and always the start."""
    booked = facts.appointment
    words: Words = dict.fromkeys(("previously", "previous_length", "previous_staff_name"))
    words["length"] = local_words.length(booked.ends_at - booked.starts_at, locale)
    started, ended = facts.previous_starts_at, facts.previous_ends_at or booked.ends_at
    if started and started != booked.starts_at:
        words["previously"] = local_words.moment(started, booked.time_zone, locale)
    if started and ended - started != booked.ends_at - booked.starts_at:
        words["previous_length"] = local_words.length(ended - started, locale)
    if facts.previous_staff_id not in (None, booked.staff_id):
        words["previous_staff_name"] = facts.previous_staff_name
    return words


def deposit_words(facts: AppointmentFacts, locale: Locale) -> Words:
    booked = facts.appointment
    words: Words = {"pay_by": None, "pay_url": facts.pay_url}
    words["deposit"] = local_words.price(booked.deposit_cents, booked.currency, locale)
    if booked.pay_by and booked.deposit_status == "awaited":
        words["pay_by"] = local_words.moment(booked.pay_by, booked.time_zone, locale, zoned=True)
    return words


def receipt_words(facts: ReceiptFacts, locale: Locale) -> Words:
    receipt, zone = facts.receipt, facts.appointment.time_zone
    return {
        **appointment_words(facts, locale),
        "receipt_number": str(receipt.number),
        "amount": local_words.price(receipt.amount_cents, receipt.currency, locale),
        "issued": local_words.day(receipt.issued_at, zone, locale),
    }


def invitation_words(facts: MemberInvitedFacts, locale: Locale) -> Words:
    return {
        "accept_url": facts.accept_url,
        "expires": local_words.moment(facts.expires_at, facts.time_zone, locale, zoned=True),
    }
