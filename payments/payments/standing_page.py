"""The page of a payment: HTML without scripts, in which every name is escaped."""

import base64
import hashlib
import html
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import format_currency, get_currency_precision

from contracts.languages import language_of
from payments.browsers import BY_ACCEPT
from payments.standing import Standing
from payments.standing_words import WORDS

STYLE = """
:root { color-scheme: light dark; --quiet: #5f5f6a; --accent: #2b4a8b; --on: #fff; --no: #a3211b }
@media (prefers-color-scheme: dark) {
  :root { --quiet: #b3b3bd; --accent: #a9c1ff; --on: #14141a; --no: #ff9d96 }
}
body { font: 17px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 12vh auto;
  padding: 0 1rem; overflow-wrap: anywhere }
header, small { color: var(--quiet) }
a { color: var(--accent) }
.pay { display: inline-block; padding: .6rem 1.1rem; border-radius: .45rem;
  background: var(--accent); color: var(--on); text-decoration: none }
.no { color: var(--no); border-left: .25rem solid; padding-left: .75rem }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
PAGE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{heading} · {business}</title>
<style>{style}</style>
<header>{business}</header>
<main>
<h1>{heading}</h1>
{content}
</main>
</html>
"""
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
} | BY_ACCEPT
LOOKS_AGAIN_IN_SECONDS = 10
PRODUCT = "Bookly"


def page(standing: Standing, path: str, trouble: str | None = None) -> str:
    """`path` is its own; `trouble` is the key of what has just gone wrong."""
    language = language_of(standing.of.locale)
    words, told = WORDS[language], spoken(standing, language)
    state = standing.state
    content = [paragraph("{what}, {starts} ({zone})", told)]
    if trouble is not None and state == "awaited":
        content.append(paragraph(words[trouble], told, ' class="no" role="alert"'))
    content.append(paragraph(words[f"{state}_text"], told))
    if state == "awaited":
        pay = link(f"{path}/pay", words["pay"], told, ' class="pay"')
        content.append(f"<p>{pay}</p>")
    if trouble is None and looks_again(standing):
        again = link(path, words["look"], told)
        content.append(f"<p><small>{escaped(words['begun'], told)} {again}</small></p>")
    return filled(language, standing.of.business_name, words[state], content)


def unknown_page(language: str) -> str:
    words = WORDS[language]
    return filled(language, PRODUCT, words["unknown"], [paragraph(words["unknown_text"], {})])


def looks_again(standing: Standing) -> bool:
    """Once somebody may have paid; who has come back from paying proves nothing by it."""
    return standing.state == "awaited" and standing.is_begun


def headers_of(standing: Standing) -> dict[str, str]:
    again = {"Refresh": str(LOOKS_AGAIN_IN_SECONDS)} if looks_again(standing) else {}
    return HEADERS | again


def filled(language: str, business: str, heading: str, content: list[str]) -> str:
    told = {"language": language, "business": business, "heading": heading}
    known = {name: html.escape(text) for name, text in told.items()}
    return PAGE.format_map(known | {"style": STYLE, "content": "\n".join(content)})


def paragraph(text: str, told: Mapping[str, str], attributes: str = "") -> str:
    return f"<p{attributes}>{escaped(text, told)}</p>"


def link(path: str, text: str, told: Mapping[str, str], attributes: str = "") -> str:
    return f'<a href="{html.escape(path)}"{attributes}>{escaped(text, told)}</a>'


def escaped(text: str, told: Mapping[str, str]) -> str:
    return html.escape(text.format_map(told))


def spoken(standing: Standing, language: str) -> dict[str, str]:
    of, locale = standing.of, locale_for(language, standing.of.locale)
    return {
        "business": of.business_name,
        "what": of.what,
        "starts": moment(of.starts_at, of.time_zone, locale),
        "zone": zone_name(of.starts_at, of.time_zone, locale),
        "money": money(standing.amount_cents, standing.currency, locale),
        "deadline": moment(standing.pay_by, of.time_zone, locale) if standing.pay_by else "",
    }


def locale_for(language: str, wanted: str) -> Locale:
    """The words' language with the customs of the business's country."""
    try:
        return Locale(language, Locale.parse(wanted.replace("-", "_")).territory)
    except (UnknownLocaleError, ValueError):
        return Locale(language)


def money(cents: int, currency: str, locale: Locale) -> str:
    amount = Decimal(cents) / 10 ** get_currency_precision(currency)
    return format_currency(amount, currency, locale=locale)


def moment(at: datetime, time_zone: str, locale: Locale) -> str:
    local = at.astimezone(ZoneInfo(time_zone))
    clock = format_time(local, format="short", tzinfo=ZoneInfo(time_zone), locale=locale)
    return f"{format_date(local.date(), format='full', locale=locale)}, {clock}"


def zone_name(at: datetime, time_zone: str, locale: Locale) -> str:
    local = at.astimezone(ZoneInfo(time_zone))
    return get_timezone_name(local, width="long", locale=locale)
