"""A mail's subject, text and HTML out of its facts.

The first line of a template is the mail's subject. MJML becomes HTML once per process; Jinja then
fills in what is said, escaped for HTML. A language is a folder of templates.
"""

from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import mjml
from jinja2 import Environment, StrictUndefined, Template

from contracts.languages import language_of
from notifications.mails.facts import Facts
from notifications.mails.kinds import Kind
from notifications.mails.links import Links, Message
from notifications.mails.look import on
from notifications.mails.markup import Block, MarkedTemplates, as_text, blocks_of
from notifications.mails.spoken_facts import words_of
from notifications.one_line import in_lines, one_line

TEMPLATES = Path(__file__).parent / "templates"
LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Wording:
    language: str
    subject: str
    text: str
    html: str


@cache
def templates() -> Environment:
    """Not escaped: what they say becomes plain text, and is escaped on its way into HTML."""
    return Environment(  # noqa: S701
        loader=MarkedTemplates(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


@cache
def layout() -> Template:
    source = (TEMPLATES / "layout.mjml").read_text()
    # No fonts: a mail that loads one tells a stranger's server when it is read.
    html = mjml.mjml2html(source, disable_comments=True, fonts={})
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(html)


def word(kind: Kind, facts: Facts, links: Links, message: Message) -> Wording:
    language = language_of(facts.locale)
    said = in_lines(words_of(facts, language)) | {
        "manage_url": links.manage(facts.managed) if facts.managed else None,
        "portal_url": links.portal(facts.portal_slug) if facts.portal_slug else None,
        "unsubscribe_url": links.unsubscribe(message) if kind.topic else None,
        "topic": kind.topic,
    }
    rendered = templates().get_template(f"{language}/{kind.value}.txt").render(said)
    first, _, rest = rendered.partition("\n")
    subject = one_line(first)[:LONGEST_SUBJECT]
    body = blocks_of(rest)
    foot = blocks_of(templates().get_template(f"{language}/foot.txt").render(said))
    return Wording(
        language, subject, as_text(body + foot), as_html(facts, language, subject, body, foot)
    )


def as_html(facts: Facts, language: str, subject: str, body: list[Block], foot: list[Block]) -> str:
    shown: dict[str, Any] = {
        "body": [(kind, list(group)) for kind, group in groupby(body, key=lambda b: b.kind)],
        "foot": foot,
    }
    return layout().render(
        shown,
        language=language,
        subject=subject,
        business_name=one_line(facts.business_name),
        accent=facts.accent,
        on_accent=on(facts.accent),
    )
