"""The pages behind the links in mails: opened by anything, they change nothing."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing import eventually
from contracts.manage_links import ManageLink, sign
from portal.email_changes.models import EmailChange
from portal.pages.shell import WORDS
from portal.pages.static_files import FILES, FOLDER
from portal.portal_sessions.models import PortalSession
from portal.sign_in_links.models import MagicLink
from services.portal.tests.studio import cookie_of

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
START = datetime(2027, 1, 6, 9, tzinfo=UTC)
HOSTILE = "</title><script>alert(1)</script>\"'&"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ID = str(uuid4())


class Read(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def path_of(url: str) -> str:
    """What of a link reaches a server: nothing from the # on."""
    return url.removeprefix("https://bookly.example").partition("#")[0]


async def sign_in_link(studio: Any) -> str:
    """As its mail says it."""
    email = (await studio.customer())["email"]
    await studio.link(email)
    told = await studio.heard.told("portal.magic-link.requested", studio.id, email=email)
    return str(told["url"])


async def test_a_link_to_sign_in_is_opened_thrice_and_used_once(studio, portal, rows) -> None:
    url = await sign_in_link(studio)
    for method in ("HEAD", "GET", "GET", "GET"):
        seen = await portal.request(method, path_of(url))
        assert (seen.status_code, "Set-Cookie" in seen.headers) == (200, False)
        [link] = await rows(MagicLink, studio.id)
        assert (link.consumed_at, link.ended_at) == (None, None)
    assert await rows(PortalSession, studio.id) == []
    token = {"token": url.partition("#token=")[2]}
    first = await portal.post("/api/portal/session", json=token)
    assert (first.status_code, len(await rows(PortalSession, studio.id))) == (201, 1)
    assert cookie_of(first)
    second = await portal.post("/api/portal/session", json=token)
    assert (second.status_code, second.json()["because"]) == (410, "used")
    assert (await portal.post(path_of(url))).status_code == 405


async def test_a_new_address_is_confirmed_by_no_look_at_its_page(studio, portal, rows) -> None:
    client = await studio.client()
    wanted = {"email": f"{uuid4().hex[:12]}@example.com"}
    await client.told("POST", "/profile/email-changes", json=wanted)
    told = await studio.heard.told("portal.email-change.requested", studio.id)
    for method in ("HEAD", "GET", "GET", "GET"):
        assert (await portal.request(method, path_of(told["url"]))).status_code == 200
    [change] = await rows(EmailChange, studio.id)
    assert change.confirmed_at is None
    token = {"token": told["url"].partition("#token=")[2]}
    done = await portal.post("/api/portal/profile/email-changes/confirm", json=token)
    assert done.json() == wanted


@pytest.fixture
async def managed(studio, clock, settings) -> Any:
    clock.set(NOW)
    client = await studio.client()
    client.booking_id = await studio.appointment(client.customer_id, START.isoformat())
    client.seen = await client.booking(client.booking_id)
    link = ManageLink(business_id=studio.id, noun="appointment", id=UUID(client.booking_id))
    client.link = f"/manage/{sign(link, settings.link_secret)}"
    return client


async def test_a_link_to_one_booking_is_opened_and_nothing_happens(managed, portal) -> None:
    for method in ("HEAD", "GET", "GET", "GET"):
        seen = await portal.request(method, managed.link)
        assert seen.status_code == 200
        for secret in (managed.email, "Mia", managed.customer_id, managed.booking_id):
            assert secret not in seen.text
    assert await managed.booking(managed.booking_id) == managed.seen
    assert (await portal.post(managed.link)).status_code == 405


async def test_where_the_booking_is_over_its_page_says_so(managed, portal, clock, studio) -> None:
    clock.set(START + timedelta(hours=1))
    over = await portal.get(managed.link)
    assert (over.status_code, over.headers["Content-Type"]) == (410, "text/html; charset=utf-8")
    assert WORDS["en"]["booking-over"] in over.text
    assert Read(over.text).of("script") == []


async def test_a_forged_link_leads_to_no_booking(managed, portal) -> None:
    for link in (managed.link[:-1] + ("A" if managed.link[-1] != "A" else "B"), "/manage/x%C3%A9"):
        assert (await portal.get(link)).status_code == 404


def places(slug: str) -> list[str]:
    parts = ("", "/sign-in", "/confirm-email", "/bookings", f"/bookings/{ID}", "/waitlist")
    return [f"/portal/{slug}{part}" for part in (*parts, "/packages", "/receipts", "/profile")]


async def test_pages_load_from_us_alone_and_are_kept_by_nobody(studio, portal, managed) -> None:
    for path in (*places(studio.slug), managed.link, "/portal/no-such-studio"):
        seen = await portal.get(path)
        assert seen.headers["Content-Type"] == "text/html; charset=utf-8"
        assert seen.headers["Content-Security-Policy"] == POLICY
        assert seen.headers["Referrer-Policy"] == "no-referrer"
        assert seen.headers["Cache-Control"] == "no-store"
        read = Read(seen.text)
        named = [one["src"] for one in read.of("script")] + [one["href"] for one in read.of("link")]
        for file in named:
            assert (await portal.get(str(file))).status_code == 200
        # What our own policy would refuse.
        assert read.of("style") == []
        assert all("style" not in attributes for _, attributes in read.elements)
        assert not any(
            name.startswith("on") for _, attributes in read.elements for name in attributes
        )


async def test_there_is_no_page_of_an_unknown_studio_or_place(studio, portal) -> None:
    slug = studio.slug
    unknown = [*places("no-such-studio"), *places("No%20Slug"), "/portal/%00", "/portal/a%27b"]
    unknown += [
        f"/portal/{slug}/{part}" for part in ("nothing", "bookings/1", "sign-in/x", "bookings%0A")
    ]
    for path in (*unknown, "/manage/x"):
        seen = await portal.get(path, headers={"Accept-Language": "fr, es-ES;q=0.9, de;q=0.8"})
        assert seen.status_code == 404, path
        assert WORDS["es"]["not_found"] in seen.text
    assert (await portal.get("/pages/nothing.js")).status_code == 404


@pytest.mark.parametrize(("locale", "language"), [("de-AT", "de"), ("es", "es"), ("fr", "en")])
async def test_a_page_speaks_the_studios_language(studio, portal, locale, language) -> None:
    await rename(studio, portal, {"locale": locale}, f'data-locale="{locale}"')
    for part, heading in (("/sign-in", "sign_in"), ("", "my_bookings")):
        read = Read((await portal.get(f"/portal/{studio.slug}{part}")).text)
        assert read.of("html")[0]["lang"] == language
        assert WORDS[language][heading] in read.text


async def test_a_hostile_name_is_text(studio, portal, managed) -> None:
    await rename(studio, portal, {"name": HOSTILE}, "&lt;script&gt;")
    for path in (*places(studio.slug), managed.link):
        read = Read((await portal.get(path)).text)
        assert [list(one) for one in read.of("script")] == [["type", "src"]]
        assert read.of("html")[0]["data-business"] == HOSTILE
        assert HOSTILE in read.text


async def rename(studio: Any, portal: Any, wanted: dict[str, str], then: str) -> None:
    business = await studio.owners.catalog.get("/api/business", headers=studio.owner)
    seen = {"If-Match": business.headers["ETag"]}
    await studio.told(studio.owners.catalog, "PATCH", "/business", json=wanted, headers=seen)

    async def is_known() -> bool:
        return then in (await portal.get(f"/portal/{studio.slug}")).text

    await eventually(is_known)


async def test_what_pages_load_is_sent_again_only_when_it_has_changed(portal) -> None:
    for name, file in FILES.items():
        first = await portal.get(f"/pages/{name}")
        assert (first.status_code, first.content) == (200, file.content)
        assert first.headers["Cache-Control"] == "no-cache"
        again = await portal.get(f"/pages/{name}", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert len(FILES) == len(list(FOLDER.iterdir()))


def test_every_text_is_there_in_every_language_with_the_same_blanks() -> None:
    blanks = {
        language: {key: sorted(set(re.findall(r"{\w+}", text))) for key, text in words.items()}
        for language, words in WORDS.items()
    }
    assert blanks["de"] == blanks["en"]
    assert blanks["es"] == blanks["en"]
    assert all(text.strip() for words in WORDS.values() for text in words.values())


def test_every_text_that_is_said_is_there() -> None:
    for file in FOLDER.glob("*.js"):
        said = re.findall(r'\bsay\(\s*"([^"]+)"', file.read_text())
        counted = re.findall(r'\bcount\(\s*"([^"]+)"', file.read_text())
        wanted = {*said, *(f"{key}_{form}" for key in counted for form in ("one", "other"))}
        assert wanted <= set(WORDS["en"]), file.name


def test_no_script_makes_markup_of_text() -> None:
    ways = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(")
    for file in FOLDER.glob("*.js"):
        assert [way for way in ways if way in file.read_text()] == [], file.name
