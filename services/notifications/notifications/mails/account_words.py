"""What mails about packages, accounts and the studio itself say in the words of a place."""

from datetime import date

from babel import Locale

from notifications.mails import local_words
from notifications.mails.account_facts import (
    AgendaEntry,
    AgendaFacts,
    ClientFacts,
    EmailChangedFacts,
    MemberInvitedFacts,
    NoticeFacts,
    OneTimeLinkFacts,
    PackageFacts,
)
from notifications.mails.local_words import Place
from notifications.mails.receipt_words import receipt_words

Words = dict[str, object]


def package_words(facts: PackageFacts, locale: Locale) -> Words:
    package = facts.package
    place = Place(package.time_zone, locale)
    ends = date.fromisoformat(package.expires_on) if package.expires_on else None
    words: Words = {
        "customer_name": package.customer_name,
        "package_name": package.name,
        "credits": package.credits,
        "balance": package.balance,
        "expires": local_words.day(ends, locale) if ends else None,
        "reason": facts.reason,
    }
    without_receipt = dict.fromkeys(("receipt_number", "amount", "issued"))
    return words | (receipt_words(facts.receipt, place) if facts.receipt else without_receipt)


def client_words(facts: ClientFacts, _locale: Locale) -> Words:
    return {"customer_name": facts.customer_name}


def one_time_link_words(facts: OneTimeLinkFacts, locale: Locale) -> Words:
    place = Place(facts.time_zone, locale)
    return {
        **client_words(facts, locale),
        "url": facts.url,
        "expires": place.moment(facts.expires_at, zoned=True),
        "new_email": facts.new_email,
    }


def email_changed_words(facts: EmailChangedFacts, locale: Locale) -> Words:
    """The new address is hinted at: the old mailbox may be somebody else's by now."""
    local, _, domain = facts.new_email.rpartition("@")
    return {**client_words(facts, locale), "hinted_email": f"{local[:1]}\u2026@{domain}"}


def invitation_words(facts: MemberInvitedFacts, locale: Locale) -> Words:
    place = Place(facts.time_zone, locale)
    return {
        "accept_url": facts.accept_url,
        "expires": place.moment(facts.expires_at, zoned=True),
    }


def notice_words(facts: NoticeFacts, locale: Locale) -> Words:
    place = Place(facts.time_zone, locale)
    moved = facts.previous_starts_at not in (None, facts.starts_at)
    contact = [said for said in (facts.customer_email, facts.customer_phone) if said]
    return {
        "title": facts.title,
        "customer_name": facts.customer_name,
        "contact": ", ".join(contact),
        "staff_name": facts.staff_name,
        "day": place.day(facts.starts_at),
        "short_day": place.short_day(facts.starts_at),
        "starts": place.clock(facts.starts_at),
        "hours": place.hours(facts.starts_at, facts.finishes_at),
        "status": facts.status,
        "previously": place.moment(facts.previous_starts_at)
        if moved and facts.previous_starts_at
        else None,
        "previous_staff_name": facts.previous_staff_name,
        "cancelled_by": facts.cancelled_by,
        "reason": facts.reason,
        "late": facts.late,
        "promoted": facts.promoted,
    }


def agenda_words(facts: AgendaFacts, locale: Locale) -> Words:
    place = Place(facts.time_zone, locale)
    return {
        "staff_name": facts.staff_name,
        "day": local_words.day(facts.day, locale),
        "entries": [entry_words(entry, place) for entry in facts.entries],
    }


def entry_words(entry: AgendaEntry, place: Place) -> Words:
    return {
        "hours": place.span(entry.starts_at, entry.finishes_at),
        "title": entry.title,
        "who": entry.who,
        "taken": entry.taken,
        "capacity": entry.capacity,
        "waits": entry.waits,
    }
