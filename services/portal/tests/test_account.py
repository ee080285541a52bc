"""My account: packages, receipts, profile, a new e-mail, my feed, my data, and being forgotten."""

import asyncio
import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import icalendar
import psycopg
import pytest

from chassis.testing import eventually, publish
from contracts.notifications import MessagesErased
from contracts.receipts import Receipt
from contracts.scheduling import Appointment, DepositPaid
from portal.bookings.models import Booking
from portal.erasures.models import Erasure
from portal.portal_sessions.models import PortalSession
from portal.receipts.models import Receipt as KeptReceipt
from services.portal.tests.studio import Client
from services.portal.tests.test_places import published, with_credits

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
START = datetime(2027, 1, 6, 9, tzinfo=UTC)


def spoken(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@pytest.fixture
async def mia(studio, clock) -> Client:
    clock.set(NOW)
    return await studio.client("Mia Łukasz-Sommer")


async def test_every_entry_of_the_ledger_is_told_in_words(mia, studio) -> None:
    package = await with_credits(studio, mia)
    session = await published(studio)
    [place] = (await mia.told("POST", "/bookings", json={"session_id": session}))["bookings"]
    assert (await mia.change(place, "cancel")).status_code == 200

    async def all_of_it() -> Any:
        """Entries and balances are told by events of their own."""
        ledger = await mia.told("GET", f"/packages/{package}/ledger")
        is_whole = len(ledger["entries"]) == 3 and ledger["package"]["balance"] == 5
        return ledger if is_whole else None

    ledger = await eventually(all_of_it)
    words = [entry["words"].partition(" for")[0] for entry in ledger["entries"]]
    assert words == ["1 credit returned", "1 credit paid", "5 credits bought"]
    assert ledger["entries"][1]["words"].startswith("1 credit paid for Reformer Flow")
    assert ledger["entries"][1]["booking_id"] == place["id"]
    assert sum(one["credits"] for one in ledger["entries"]) == ledger["package"]["balance"] == 5
    assert ledger["package"]["state"] == "usable"


async def paid(studio: Any, client: Client, nats_url: str, **changed: Any) -> str:
    """A receipt of a deposit, as scheduling tells of it."""
    receipt = Receipt(
        id=uuid4(), number=17, kind="payment", amount_cents=3050, currency="EUR", issued_at=NOW
    )
    appointment = Appointment(
        id=uuid4(),
        version=2,
        uid="x@bookly",
        sequence=1,
        status="confirmed",
        starts_at=START,
        ends_at=START + timedelta(hours=1),
        service_id=uuid4(),
        service_name="Private reformer",
        staff_id=uuid4(),
        staff_name="Teacher 0",
        customer_id=UUID(client.customer_id),
        customer_name="Mia Łukasz-Sommer",
        customer_email=client.email,
        customer_phone=None,
        price_cents=9500,
        currency="EUR",
        deposit_cents=3050,
        deposit_status="paid",
        business_name="Core",
        time_zone="Europe/Berlin",
        locale="en",
    ).model_copy(update=changed)
    event = DepositPaid(
        occurred_at=NOW, business_id=studio.id, appointment=appointment, receipt=receipt
    )
    await publish(nats_url, event)
    return str(receipt.id)


async def test_a_receipt_is_a_page_and_a_pdf_with_the_business_on_it(mia, studio, nats_url) -> None:
    billing = {
        "legal_name": "Core Pilates GmbH",
        "address": "Weg 1\n10115 Berlin",
        "tax_number": "DE1",
    }
    path = "/business"
    await studio.told(studio.owners.catalog, "PATCH", path, json={"billing": billing})

    async def with_billing() -> Any:
        id_ = await paid(studio, mia, nats_url)
        page = await eventually(lambda: receipt(mia, id_))
        return page if page["issuer"]["legal_name"] else None

    page = await eventually(with_billing)
    listed = (await mia.told("GET", "/receipts"))["items"]
    assert page["id"] in {one["id"] for one in listed}
    assert page["issuer"] | billing == page["issuer"]
    assert (page["label"], page["amount_cents"], page["kind"]) == ("00017", 3050, "payment")
    pdf = await mia.ask("GET", f"/receipts/{page['id']}.pdf")
    assert (pdf.status_code, pdf.headers["Content-Type"]) == (200, "application/pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert "receipt-00017.pdf" in pdf.headers["Content-Disposition"]


async def receipt(client: Client, id_: str) -> Any:
    answer = await client.ask("GET", f"/receipts/{id_}")
    return answer.json() if answer.status_code == 200 else None


async def test_what_was_paid_is_at_stake(mia, studio, nats_url) -> None:
    booking_id = uuid4()
    await paid(studio, mia, nats_url, id=booking_id, service_id=UUID(studio.service))
    seen = await mia.booking(str(booking_id))
    assert seen["at_stake"] == {"credits": 0, "deposit_cents": 3050}


async def test_another_clients_account_does_not_exist(mia, studio, nats_url) -> None:
    package = await with_credits(studio, mia)
    id_ = await paid(studio, mia, nats_url)
    await eventually(lambda: receipt(mia, id_))
    ben = await studio.client("Ben Winter")
    for path in (
        f"/receipts/{id_}",
        f"/receipts/{id_}.pdf",
        f"/packages/{package}/ledger",
        "/receipts/malformed.pdf",
    ):
        assert (await ben.ask("GET", path)).status_code == 404, path
    for path in ("/receipts", "/packages", "/bookings", "/waitlist"):
        assert (await ben.told("GET", path))["items"] == []


async def test_the_profile_is_catalogs_and_changed_there(mia, studio) -> None:
    seen = await mia.ask("GET", "/profile")
    assert (seen.json()["name"], seen.headers["ETag"]) == ("Mia Łukasz-Sommer", '"1"')
    wanted = {
        "name": "Mia Winter",
        "phone": "030 901820",
        "locale": "de-DE",
        "time_zone": "America/New_York",
        "contact_preferences": {"email": False, "sms": True, "marketing": True},
    }
    headers = {"If-Match": '"1"'}
    changed = await mia.ask("PUT", "/profile", json=wanted, headers=headers)
    assert changed.status_code == 200, changed.text
    assert changed.json()["phone"] == "+4930901820"
    assert changed.json() | wanted | {"phone": "+4930901820"} == changed.json()
    assert (await mia.told("GET", "/session"))["customer"]["name"] == "Mia Winter"
    stale = await mia.ask("PUT", "/profile", json=wanted, headers=headers)
    assert stale.status_code == 412

    async def is_told() -> bool:
        """Of the first version, that they are a customer."""
        told = await studio.heard.told("catalog.customer.changed", studio.id)
        return bool(told["customer"]["contact_preferences"]["marketing"])

    await eventually(is_told)
    for odd in (
        {"phone": "call me"},
        {"email": "x@example.com"},
        {"name": ""},
        {"tags": ["vip"]},
        {"time_zone": "Mars/Olympus"},
    ):
        any_ = {"If-Match": "*"}
        refused = await mia.ask("PUT", "/profile", json=wanted | odd, headers=any_)
        assert refused.status_code == 422, odd


def token_in(event: dict[str, Any]) -> dict[str, str]:
    return {"token": event["url"].partition("#token=")[2]}


async def test_a_new_address_counts_once_it_is_confirmed_and_the_old_one_is_told(
    mia, studio, portal
) -> None:
    new = f"{uuid4().hex[:8]}@example.com"
    asked = await mia.told("POST", "/profile/email-changes", json={"email": new})
    assert asked["new_email"] == new
    mail = await studio.heard.told("portal.email-change.requested", studio.id, new_email=new)
    confirm = "/api/portal/profile/email-changes/confirm"
    for method in ("HEAD", "GET"):
        assert (await portal.request(method, confirm, params=token_in(mail))).status_code == 405
    assert (await mia.told("GET", "/profile"))["email"] == mia.email
    answers = await asyncio.gather(*(portal.post(confirm, json=token_in(mail)) for _ in range(5)))
    assert {one.status_code for one in answers} <= {200, 410}
    assert (await mia.told("GET", "/profile"))["email"] == new
    told = await studio.heard.told("portal.email.changed", studio.id)
    assert (told["old_email"], told["new_email"]) == (mia.email, new)
    assert len(studio.heard.of("portal.email.changed", studio.id)) == 1
    used = await portal.post(confirm, json=token_in(mail))
    assert (used.status_code, used.json()["because"]) == (410, "used")
    assert await studio.link(new)


async def test_an_address_that_is_somebody_elses_is_told_to_its_reader_alone(
    mia, studio, portal
) -> None:
    ben = await studio.customer("Ben Winter")
    asked = await mia.ask("POST", "/profile/email-changes", json={"email": ben["email"]})
    assert asked.status_code == 202
    mail = await studio.heard.told("portal.email-change.requested", studio.id)
    confirm = "/api/portal/profile/email-changes/confirm"
    refused = await portal.post(confirm, json=token_in(mail))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/customer-email-taken")
    same = await mia.ask("POST", "/profile/email-changes", json={"email": mia.email.upper()})
    assert (same.status_code, same.json()["type"]) == (409, "/problems/same-email")


async def test_a_newer_change_ends_the_older_and_a_day_ends_both(
    mia, studio, portal, clock
) -> None:
    mails = []
    for _ in range(2):
        new = f"{uuid4().hex[:8]}@example.com"
        await mia.told("POST", "/profile/email-changes", json={"email": new})
        mails.append(
            await studio.heard.told("portal.email-change.requested", studio.id, new_email=new)
        )
    confirm = "/api/portal/profile/email-changes/confirm"
    older = await portal.post(confirm, json=token_in(mails[0]))
    assert (older.status_code, older.json()["because"]) == (410, "replaced")
    clock.set(NOW + timedelta(hours=24))
    late = await portal.post(confirm, json=token_in(mails[1]))
    assert (late.status_code, late.json()["because"]) == (410, "expired")


async def test_my_feed_is_a_secret_address_that_i_turn_and_end(mia, studio, portal) -> None:
    booking = await studio.appointment(mia.customer_id, spoken(START))
    await mia.booking(booking)
    first = (await mia.told("POST", "/feed"))["url"].removeprefix("https://bookly.example")
    read = await portal.get(first)
    [event] = icalendar.Calendar.from_ical(read.text).walk("VEVENT")
    assert (event["UID"], event.start) == (f"{booking}@bookly", START)
    same = await portal.get(first, headers={"If-None-Match": read.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    second = (await mia.told("POST", "/feed"))["url"].removeprefix("https://bookly.example")
    assert [(await portal.get(one)).status_code for one in (first, second)] == [404, 200]
    await mia.told("DELETE", "/feed")
    assert (await portal.get(second)).status_code == 404
    assert (await mia.ask("GET", "/feed")).status_code == 404


async def test_my_data_is_one_archive_of_json_and_ics(mia, studio, nats_url) -> None:
    await with_credits(studio, mia)
    booking = await studio.appointment(mia.customer_id, spoken(START))
    await mia.booking(booking)
    answer = await mia.ask("GET", "/export")
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        parts = {one: packed.read(one) for one in packed.namelist()}
    names = ("profile", "bookings", "waitlist", "packages", "ledger", "receipts", "sessions")
    assert set(parts) == {f"{name}.json" for name in names} | {"bookings.ics"}
    assert json.loads(parts["profile.json"])["email"] == mia.email
    assert [one["id"] for one in json.loads(parts["bookings.json"])] == [booking]
    assert json.loads(parts["packages.json"])[0]["balance"] == 5
    assert len(icalendar.Calendar.from_ical(parts["bookings.ics"]).walk("VEVENT")) == 1


async def test_who_wants_to_be_forgotten_is_once_every_service_has_answered(
    studio, clock, nats_url, rows, database_server
) -> None:
    clock.set(NOW)
    canary = f"Łuk{uuid4().hex[:8]}"
    mia = await studio.client(canary)
    booking = await studio.appointment(mia.customer_id, spoken(START))
    seen = await mia.booking(booking)
    early = await mia.ask("POST", "/erasure")
    assert (early.status_code, early.json()["type"]) == (409, "/problems/bookings-ahead")
    assert (await mia.change(seen, "cancel", reason=f"{canary} is ill")).status_code == 200
    await with_credits(studio, mia)
    session = await published(studio)
    [place] = (await mia.told("POST", "/bookings", json={"session_id": session}))["bookings"]
    assert (await mia.change(place, "cancel")).status_code == 200
    over = {"starts_at": NOW - timedelta(days=9), "ends_at": NOW, "customer_name": canary}
    id_ = await paid(studio, mia, nats_url, **over)
    await eventually(lambda: receipt(mia, id_))
    asked = await mia.ask("POST", "/erasure")
    assert asked.status_code == 202, asked.text
    assert asked.json()["awaiting"] == ["catalog", "notifications", "pilates", "scheduling"]
    assert (await mia.ask("POST", "/erasure")).status_code == 409
    told = await studio.heard.told("portal.erasure.requested", studio.id)
    assert (told["customer_id"], told["email"]) == (mia.customer_id, mia.email)

    async def only_mails_are_left() -> bool:
        [erasure] = await rows(Erasure, studio.id)
        return erasure.awaiting == ["notifications"] and not erasure.completed_at

    await eventually(only_mails_are_left)
    erased = MessagesErased(
        occurred_at=NOW,
        business_id=studio.id,
        erasure_id=told["erasure_id"],
        customer_id=told["customer_id"],
    )
    await publish(nats_url, erased)
    done = await studio.heard.told("portal.erasure.completed", studio.id)
    assert done["email"] == mia.email
    assert (await mia.ask("GET", "/session")).status_code == 401
    for model in (Booking, PortalSession):
        assert await rows(model, studio.id) == []
    await late_events_bring_nothing_back(studio, mia, canary, nats_url, rows)
    for service in ("catalog", "scheduling", "pilates", "portal"):
        await eventually(
            lambda service=service: nothing_names(database_server, service, canary, mia)
        )


async def late_events_bring_nothing_back(
    studio: Any, mia: Client, canary: str, nats_url: str, rows: Any
) -> None:
    """They have been heard as soon as one behind them has, of somebody else."""
    await paid(studio, mia, nats_url, customer_name=canary)
    ben = await studio.customer("Ben Winter")
    other = Client(mia.portal, "", ben["id"], ben["email"])
    behind = await paid(studio, other, nats_url, customer_name="Ben Winter")

    async def is_heard() -> bool:
        is_kept = ben["id"] in {str(one.customer_id) for one in await rows(Booking, studio.id)}
        return is_kept and behind in {str(one.id) for one in await rows(KeptReceipt, studio.id)}

    await eventually(is_heard)


async def nothing_names(server: Any, service: str, canary: str, client: Client) -> bool:
    """But for the last words of the erasure itself, which leave an hour later."""
    canaries = (canary, client.email)
    with psycopg.connect(server.url(service)) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        found = []
        for (table,) in tables:
            for (row,) in connection.execute(f'SELECT "{table}"::text FROM "{table}"'):
                named = any(canary in said(row) for canary in canaries)
                if named and "portal.erasure." not in row and "scheduling.deposit.paid" not in row:
                    found.append((table, row[:200]))
    return not found


def said(row: str) -> str:
    """Bytes are shown as hexadecimal digits, and JSON may escape what is not ASCII."""
    plain = row.replace("\\u0141", "Ł").replace("\\u0142", "ł")
    for digits in re.findall(r"\\\\x([0-9a-f]+)", row):
        plain += bytes.fromhex(digits).decode(errors="replace")
    return plain
