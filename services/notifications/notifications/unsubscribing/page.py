"""The page behind an unsubscribe link: a question on GET, which changes nothing, and its answer."""

import html
from typing import Literal

from contracts.languages import language_of
from contracts.notifications import Topic
from notifications.one_line import one_line

Shown = Literal["question", "unsubscribed", "subscribed"]
TOPICS: dict[str, dict[Topic, str]] = {
    "en": {
        "reminders": "reminders of bookings at {business}",
        "packages": "news of packages at {business}",
        "studio": "notices from {business}",
    },
    "de": {
        "reminders": "Erinnerungen an Buchungen bei {business}",
        "packages": "Nachrichten zu Paketen bei {business}",
        "studio": "Hinweise von {business}",
    },
    "es": {
        "reminders": "recordatorios de reservas en {business}",
        "packages": "avisos de bonos en {business}",
        "studio": "avisos de {business}",
    },
}
WORDS: dict[str, dict[str, str]] = {
    "en": {
        "question": "Do you want no more {topic}?",
        "unsubscribed": "You get no more {topic}.",
        "subscribed": "You get {topic} again.",
        "stop": "No more of these",
        "again": "I want them again",
        "always": "What you must know of a booking is always sent.",
    },
    "de": {
        "question": "Möchtest du keine {topic} mehr?",
        "unsubscribed": "Du bekommst keine {topic} mehr.",
        "subscribed": "Du bekommst wieder {topic}.",
        "stop": "Keine mehr davon",
        "again": "Doch wieder senden",
        "always": "Was du zu einer Buchung wissen musst, senden wir immer.",
    },
    "es": {
        "question": "¿No quieres recibir más {topic}?",
        "unsubscribed": "No recibirás más {topic}.",
        "subscribed": "Recibirás {topic} de nuevo.",
        "stop": "No quiero más",
        "again": "Los quiero de nuevo",
        "always": "Lo que debes saber de una reserva se envía siempre.",
    },
}
PAGE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>{business}</title>
<style>
body {{ font: 17px/1.5 system-ui, sans-serif; max-width: 32rem;
  margin: 15vh auto; padding: 0 1rem }}
button {{ font: inherit; padding: .5rem 1rem }}
small {{ color: #5f5f6a }}
</style>
<h1>{business}</h1>
<p>{said}</p>
<form method="post" action="{action}"><button>{button}</button></form>
<p><small>{always}</small></p>
</html>
"""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


def page(shown: Shown, topic: Topic, business_name: str, locale: str, token: str) -> str:
    language = language_of(locale)
    words = WORDS[language]
    business = one_line(business_name)
    said = words[shown].format(topic=TOPICS[language][topic].format(business=business))
    stops = shown != "unsubscribed"
    here = f"/api/public/unsubscribe/{token}"
    told = {
        "language": language,
        "business": business,
        "said": said,
        "action": here if stops else f"{here}/undo",
        "button": words["stop" if stops else "again"],
        "always": words["always"],
    }
    return PAGE.format_map({name: html.escape(text) for name, text in told.items()})
