"""A mail's subject, text and HTML out of its facts.

MJML becomes HTML once per process and kind; Jinja then fills in the facts, escaped for HTML.
A language is a folder of templates. The first line of a text template is the mail's subject.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import mjml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from notifications.mails.kinds import Facts, Kind
from notifications.mails.spoken_facts import words_of
from notifications.one_line import one_line

TEMPLATES = Path(__file__).parent / "templates"
FALLBACK_LANGUAGE = "en"
LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Wording:
    language: str
    subject: str
    text: str
    html: str


@cache
def environment(*, escapes: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=escapes,  # noqa: S701  Plain text is not escaped.
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def sources() -> Environment:
    """MJML is put together with brackets of its own, so that `{{ }}` waits for the facts."""
    return Environment(  # noqa: S701  What is put together here is our own text.
        loader=FileSystemLoader(TEMPLATES),
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[",
        variable_end_string="]]",
    )


@cache
def html_template(language: str, kind: Kind) -> Template:
    source = (
        sources()
        .get_template("layout.mjml")
        .render(body=f"{language}/{kind.value}.mjml", foot=f"{language}/foot.mjml")
    )
    # No fonts: a mail that loads one tells a stranger's server when it is read.
    html = mjml.mjml2html(source, disable_comments=True, fonts={})
    return environment(escapes=True).from_string(html)


def text_template(language: str, kind: Kind) -> Template:
    return environment(escapes=False).get_template(f"{language}/{kind.value}.txt")


def language_of(locale: str) -> str:
    language = locale.replace("_", "-").partition("-")[0].lower()
    known = language.isalpha() and (TEMPLATES / language).is_dir()
    return language if known else FALLBACK_LANGUAGE


def word(kind: Kind, facts: Facts) -> Wording:
    language = language_of(facts.locale)
    said = {
        name: one_line(value) if isinstance(value, str) else value
        for name, value in words_of(facts, language).items()
    }
    first, _, text = text_template(language, kind).render(said).partition("\n")
    subject = one_line(first)[:LONGEST_SUBJECT]
    html = html_template(language, kind).render(said, subject=subject)
    return Wording(language, subject, text.lstrip("\n"), html)
