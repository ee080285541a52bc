"""The HTML around what a page's script shows, and what is said where there is nothing to show.

The script writes text as text only, so nobody's name is ever markup; here it is escaped.
"""

import html
import json
from dataclasses import dataclass
from typing import Literal

from contracts.languages import LANGUAGES, language_of
from portal.pages.static_files import FOLDER

WORDS: dict[str, dict[str, str]] = {
    language: json.loads((FOLDER / f"words.{language}.json").read_text()) for language in LANGUAGES
}
Script = Literal["sign-in", "confirm-email", "portal", "manage"]
HEADINGS: dict[Script, str] = {
    "sign-in": "sign_in",
    "confirm-email": "confirm_email",
    "portal": "my_bookings",
    "manage": "your_booking",
}
PAGE = """<!doctype html>
<html lang="{language}" data-locale="{locale}" data-slug="{slug}" data-business="{business}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="stylesheet" href="/pages/look.css">
{script}<header><p id="business">{business}</p></header>
<main>
<h1>{heading}</h1>
{content}
</main>
</html>
"""
SCRIPT = '<script type="module" src="/pages/{name}.js"></script>\n'
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True)
class Host:
    """In whose name and language a page speaks."""

    name: str = "Bookly"
    slug: str = ""
    locale: str = "en"


def page(script: Script, host: Host) -> str:
    """Empty without its script, and says so."""
    words = WORDS[language_of(host.locale)]
    content = f"<noscript><p>{html.escape(words['no_script'])}</p></noscript>"
    return filled(host, words[HEADINGS[script]], content, SCRIPT.format(name=script))


def notice(heading: str, text: str, host: Host) -> str:
    words = WORDS[language_of(host.locale)]
    return filled(host, words[heading], f"<p>{html.escape(words[text])}</p>", script="")


def filled(host: Host, heading: str, content: str, script: str) -> str:
    told = {
        "language": language_of(host.locale),
        "locale": host.locale,
        "slug": host.slug,
        "business": host.name,
        "title": f"{heading} · {host.name}",
        "heading": heading,
    }
    escaped = {name: html.escape(text) for name, text in told.items()}
    return PAGE.format_map(escaped | {"content": content, "script": script})
