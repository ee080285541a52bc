"""Facts as the words that templates put together, in the language and customs of a place."""

from collections.abc import Callable
from typing import Any

from notifications.mails import local_words
from notifications.mails.account_facts import (
    AgendaFacts,
    ClientFacts,
    EmailChangedFacts,
    MemberInvitedFacts,
    NoticeFacts,
    OneTimeLinkFacts,
    PackageFacts,
)
from notifications.mails.account_words import (
    agenda_words,
    client_words,
    email_changed_words,
    invitation_words,
    notice_words,
    one_time_link_words,
    package_words,
)
from notifications.mails.appointment_words import appointment_words, deposit_receipt_words
from notifications.mails.class_words import drop_in_words, place_words, waitlist_words
from notifications.mails.facts import (
    AppointmentFacts,
    DropInFacts,
    Facts,
    PlaceFacts,
    ReceiptFacts,
    WaitlistFacts,
)

Speak = Callable[..., dict[str, object]]
SPOKEN: dict[type[Facts], Speak] = {
    AppointmentFacts: appointment_words,
    ReceiptFacts: deposit_receipt_words,
    PlaceFacts: place_words,
    DropInFacts: drop_in_words,
    WaitlistFacts: waitlist_words,
    PackageFacts: package_words,
    ClientFacts: client_words,
    OneTimeLinkFacts: one_time_link_words,
    EmailChangedFacts: email_changed_words,
    MemberInvitedFacts: invitation_words,
    NoticeFacts: notice_words,
    AgendaFacts: agenda_words,
}


def words_of(facts: Facts, language: str) -> dict[str, Any]:
    speak = next(SPOKEN[type_] for type_ in type(facts).__mro__ if type_ in SPOKEN)
    locale = local_words.locale_for(language, facts.locale)
    return {"business_name": facts.business_name, **speak(facts, locale)}
