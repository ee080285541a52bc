"""Every kind of mail in every language, read as a mail program and a calendar read it."""

import email
import re
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from urllib.parse import urlsplit
from uuid import UUID

import icalendar
import pytest
from jinja2 import meta

from contracts.languages import LANGUAGES
from contracts.manage_links import read as read_managed
from notifications.mails import sample_bookings
from notifications.mails.gallery import LINKS, gallery, render
from notifications.mails.kinds import Kind
from notifications.mails.links import Message, read
from notifications.mails.look import luminance_of, on
from notifications.mails.samples import Sample, samples
from notifications.mails.wording import TEMPLATES, templates
from notifications.testing import words

SAMPLES = list(samples())
EVERY_SAMPLE = pytest.mark.parametrize(
    "sample", SAMPLES, ids=lambda sample: f"{sample.kind}-{sample.case}".replace(" ", "_")
)
LEFT_OVER = re.compile(r"\{\{|\{%|\}\}|%\}|\bNone\b|\bTrue\b|\bFalse\b|[\x00-\x09\x0b-\x1f]")
LINK = re.compile(r"https?://[^\s\"<>]+")
PARSED: dict[tuple[Kind, str, str], EmailMessage] = {}
BUTTONS = {Kind.PLACE_OFFERED, Kind.MAGIC_LINK, Kind.EMAIL_CHANGE, Kind.MEMBER_INVITED}


class Html(HTMLParser):
    """What a reader sees and may open; raises where a tag is left open."""

    VOID = frozenset(("br", "img", "meta", "hr", "link", "input"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "a":
            self.links.append(told.get("href") or "")
        self.loaded += [told[name] or "" for name in ("src", "background") if name in told]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        assert tag in self.VOID

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(sample: Sample, language: str) -> EmailMessage:
    key = (sample.kind, sample.case, language)
    if key not in PARSED:
        PARSED[key] = read_anew(sample, language)
    return PARSED[key]


def read_anew(sample: Sample, language: str) -> EmailMessage:
    mail = email.message_from_bytes(render(sample, language).as_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    assert mail.defects == []
    return mail


def content(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_every_kind_has_a_sample() -> None:
    assert {sample.kind for sample in SAMPLES} == set(Kind)


def test_each_language_has_every_template_and_each_says_the_same_facts() -> None:
    assert {one.name for one in TEMPLATES.iterdir() if one.is_dir()} == set(LANGUAGES)
    files = {language: {f.name for f in (TEMPLATES / language).iterdir()} for language in LANGUAGES}
    assert files["de"] == files["en"] == files["es"]
    for name in files["en"]:
        said = {language: facts_in(f"{language}/{name}") for language in LANGUAGES}
        assert said["de"] == said["en"] == said["es"], name


def facts_in(template: str) -> set[str]:
    loader = templates().loader
    assert loader is not None
    source, *_ = loader.get_source(templates(), template)
    tree = templates().parse(source)
    included = {str(name).partition("/")[2] for name in meta.find_referenced_templates(tree)}
    return meta.find_undeclared_variables(tree) | included


@EVERY_SAMPLE
def test_a_mail_is_whole_in_text_and_html(sample: Sample) -> None:
    for language in LANGUAGES:
        check_is_whole(parsed(sample, language), sample, language)


def check_is_whole(mail: EmailMessage, sample: Sample, language: str) -> None:
    text, html = content(mail, "plain"), content(mail, "html")
    assert mail["Content-Language"] == language
    assert 0 < len(mail["Subject"]) <= 200
    for said in (mail["Subject"], text, words(html)):
        assert not LEFT_OVER.search(said.replace("\n", " ")), said
    seen = Html()
    seen.feed(html)
    assert seen.open == []
    assert seen.loaded == [], "A mail loads nothing: that would tell when it is read."
    # The twin says the same, but for the addresses of its links.
    said = words(re.sub("<head>.*</head>", "", html, flags=re.DOTALL))
    for line in text.splitlines():
        for part in re.split(r": +", LINK.sub("", line.removeprefix("- "))):
            assert words(part) in said, part


@EVERY_SAMPLE
def test_its_links_are_ours_and_the_same_in_both(sample: Sample) -> None:
    for language in LANGUAGES:
        check_its_links(parsed(sample, language), sample, language)


def check_its_links(mail: EmailMessage, sample: Sample, language: str) -> None:
    seen = Html()
    seen.feed(content(mail, "html"))
    in_text = LINK.findall(content(mail, "plain"))
    assert seen.links == in_text
    for link in in_text:
        assert urlsplit(link)[:2] == ("https", "bookly.example"), link
        kind, _, token = urlsplit(link).path.rpartition("/")
        if kind == "/manage":
            managed = read_managed(token, LINKS.secret or "")
            assert managed is not None
            assert managed.id == sample_bookings.BOOKING
    assert in_text or sample.kind not in BUTTONS


@EVERY_SAMPLE
def test_only_what_may_be_stopped_says_how(sample: Sample) -> None:
    for language in LANGUAGES:
        check_unsubscribe(parsed(sample, language), sample, language)


def check_unsubscribe(mail: EmailMessage, sample: Sample, language: str) -> None:
    if sample.kind.topic is None:
        assert mail["List-Unsubscribe"] is None
        assert "unsubscribe" not in content(mail, "plain")
        return
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].strip("<>")
    assert link in content(mail, "plain")
    linked = read(link.rpartition("/")[2], LINKS.secret or "")
    assert linked == Message(sample_bookings.BUSINESS, sample_bookings.BOOKING)


@EVERY_SAMPLE
def test_what_it_puts_into_a_calendar_can_be_read(sample: Sample) -> None:
    for language in LANGUAGES:
        check_calendar(parsed(sample, language), sample, language)


def check_calendar(mail: EmailMessage, sample: Sample, language: str) -> None:
    parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    files = [part for part in mail.iter_attachments()]
    assert len(parts) == len(files) <= 1
    for part, file in zip(parts, files, strict=True):
        calendar = icalendar.Calendar.from_ical(file.get_content())
        assert part.get_content().encode() == file.get_content()
        assert part.get_param("method") == calendar["METHOD"]
        (event,) = calendar.walk("VEVENT")
        assert event.end - event.start == sample_bookings.HOUR
        assert event["ATTENDEE"] == f"mailto:{sample_bookings.EMAIL}"
        struck_out = calendar["METHOD"] == "CANCEL"
        assert (event["STATUS"] == "CANCELLED") == struck_out == ("cancelled" in sample.kind)


IN_CALENDARS = {
    "appointment_confirmed",
    "appointment_rescheduled",
    "appointment_reopened",
    "appointment_cancelled",
    "place_booked",
    "place_promoted",
    "place_changed",
    "place_cancelled",
    "drop_in_paid",
}
NEVER_IN_CALENDARS = {
    "not confirmed yet",
    "declined, pending",
    "deposit not paid",
    "payment due",
    "payment due, of a party",
    "somebody's company",
    "not paid",
}


@EVERY_SAMPLE
def test_a_calendar_is_changed_where_it_cares(sample: Sample) -> None:
    has_file = bool(list(parsed(sample, "en").iter_attachments()))
    declined = sample.case.startswith("declined") and sample.kind == "appointment_cancelled"
    cares = sample.kind in IN_CALENDARS and sample.case not in NEVER_IN_CALENDARS
    assert has_file == (cares and not declined)


@EVERY_SAMPLE
def test_no_two_languages_say_it_in_the_same_words(sample: Sample) -> None:
    mails = [parsed(sample, language) for language in LANGUAGES]
    assert len({content(mail, "plain") for mail in mails}) == len(LANGUAGES)
    headings = {content(mail, "plain").partition("\n")[0] for mail in mails}
    assert len(headings) == len(LANGUAGES)


def test_what_people_typed_is_no_markup() -> None:
    hostile = "# <b>Ana</b> | > {{ 7*7 }} ~> x | https://evil.example"
    for sample in SAMPLES:
        if sample.kind is not Kind.APPOINTMENT_CONFIRMED:
            continue
        booked = sample_bookings.appointment(customer_name=hostile, service_name=hostile)
        evil = Sample(sample.kind, "hostile", {"appointment": booked, "business_id": UUID(int=1)})
        mail = parsed(evil, "en")
        seen = Html()
        seen.feed(content(mail, "html"))
        assert all(link.startswith("https://bookly.example/") for link in seen.links)
        assert "<b>" not in content(mail, "html")
        assert hostile in content(mail, "plain")


@pytest.mark.parametrize(
    "accent", ["#ffffff", "#000000", "#3d5a4c", "#ffd400", "#888888", "#FF0000"]
)
def test_words_on_any_colour_can_be_read(accent: str) -> None:
    lighter, darker = sorted((luminance_of(accent), luminance_of(on(accent))), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 3.9


def test_the_gallery_shows_them_all() -> None:
    page = gallery()
    assert page.count("<iframe") == len(SAMPLES) * len(LANGUAGES)
