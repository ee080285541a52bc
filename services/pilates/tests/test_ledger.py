"""The ledger: only ever appended to, its sum is the balance, and a debit comes back once."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from types import NoneType
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import create_engine, enter_business, in_transaction, sessions_of
from chassis.problems import TryAgain
from contracts.pilates import LedgerEntryRecorded, PackageChanged, PackageSold
from pilates.copies.models import Business
from pilates.customer_packages.ledger import give_back
from pilates.customer_packages.models import LedgerEntry
from pilates.customer_packages.paying import lock_packages
from pilates.settings import PilatesSettings
from services.pilates.tests.studio import MovedClock, Studio
from services.pilates.tests.telling import events

NOW = datetime(2027, 1, 11, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def november(clock: MovedClock) -> None:
    clock.set("2026-11-01T12:00:00+01:00")


async def adjust(studio: Studio, package: str, moved: int, **more: Any) -> Any:
    wanted = {"credits": moved, "reason": "Counted again"} | more
    return await studio.ask("POST", f"/customer-packages/{package}/adjustments", json=wanted)


async def waive(studio: Studio, package: str, entry: str, **more: Any) -> Any:
    path = f"/customer-packages/{package}/ledger/{entry}/waive"
    return await studio.ask("POST", path, json={"reason": "First time"}, **more)


async def cancelled_late(studio: Studio, clock: MovedClock) -> tuple[str, str]:
    """The package, and its debit that is forfeited."""
    made = await studio.publish_class("2027-01-11T18:00")
    package = await studio.sell("mia")
    place = await studio.booked(made["id"], "mia")
    clock.set("2027-01-11T12:00:00+01:00")
    assert (await studio.cancel(place, on_behalf_of="customer")).json()["credit"] == "forfeited"
    return package, (await studio.ledger(package))[1]["id"]


async def test_the_apps_own_role_can_only_append(studio: Studio, settings: PilatesSettings) -> None:
    await studio.sell("mia")
    connection = await asyncpg.connect(settings.database_url)
    try:
        await connection.execute("SELECT set_config('app.business_id', $1, false)", str(studio.id))
        assert await connection.fetchval("SELECT count(*) FROM ledger_entries") == 1
        for change in ("UPDATE ledger_entries SET credits = 99", "DELETE FROM ledger_entries"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(change)
        for change in ("UPDATE receipts SET amount_cents = 0", "DELETE FROM receipts"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(change)
    finally:
        await connection.close()


async def test_fifty_who_give_a_debit_back_at_once_do_it_once(
    studio: Studio, settings: PilatesSettings
) -> None:
    made = await studio.publish_class("2027-01-11T18:00")
    package = await studio.sell("mia")
    await studio.booked(made["id"], "mia")
    debit = UUID((await studio.ledger(package))[1]["id"])
    engine = create_engine(settings.database_url, "tests", 20)

    async def work(by_studio: bool, session: AsyncSession) -> LedgerEntry | None:
        await enter_business(session, studio.id)
        business = await session.get_one(Business, studio.id)
        packages = await lock_packages(session, studio.id, (), also=[UUID(package)])
        return await give_back(
            session, business, packages, debit, by_studio=by_studio, actor="test", now=NOW
        )

    sessions = sessions_of(engine)
    tries = (in_transaction(sessions, partial(work, bool(turn % 2))) for turn in range(50))
    given = await asyncio.gather(*tries, return_exceptions=True)
    await engine.dispose()
    # On a busy machine the line may be too long for some: nothing of theirs was done.
    assert Counter(type(entry) for entry in given if not isinstance(entry, TryAgain)) == {
        LedgerEntry: 1,
        NoneType: 49 - sum(isinstance(entry, TryAgain) for entry in given),
    }
    kinds = Counter(one["kind"] for one in await studio.ledger(package))
    assert kinds == {"sale": 1, "debit": 1, "reversal": 1}
    assert await studio.balance(package) == 10


async def test_a_penalty_is_waived_once_with_a_permission_and_a_reason(
    studio: Studio, clock: MovedClock
) -> None:
    package, debit = await cancelled_late(studio, clock)
    assert await studio.balance(package) == 9
    seller = studio.member("MANAGE_PACKAGES")
    refused = await waive(studio, package, debit, headers=seller)
    assert (refused.status_code, refused.json()["missing"]) == (403, ["WAIVE_PENALTIES"])
    path = f"/customer-packages/{package}/ledger/{debit}/waive"
    assert (await studio.ask("POST", path, json={})).status_code == 422
    assert (await studio.ask("POST", path, json={"reason": " "})).status_code == 422
    lenient = studio.member("WAIVE_PENALTIES")
    answers = await asyncio.gather(
        *(waive(studio, package, debit, headers=lenient) for _ in range(10))
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 9}
    assert {one.json()["type"] for one in answers if one.status_code == 409} == {
        "/problems/already-reversed"
    }
    *_, forfeiture, waiver = await studio.ledger(package)
    assert (forfeiture["kind"], forfeiture["credits"]) == ("forfeiture", 0)
    assert (waiver["kind"], waiver["credits"], waiver["reason"]) == ("waiver", 1, "First time")
    assert waiver["reverses"] == forfeiture["reverses"] == debit
    assert await studio.balance(package) == 10
    by_its_forfeiture = await waive(studio, package, forfeiture["id"])
    assert by_its_forfeiture.json()["type"] == "/problems/already-reversed"


async def test_only_what_is_forfeited_can_be_waived(studio: Studio) -> None:
    made = await studio.publish_class("2027-01-11T18:00")
    package = await studio.sell("mia")
    await studio.booked(made["id"], "mia")
    for entry in await studio.ledger(package):
        refused = await waive(studio, package, entry["id"])
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-forfeited")


async def test_an_adjustment_says_why_and_never_goes_below_zero(studio: Studio) -> None:
    package = await studio.sell("mia")
    assert (await adjust(studio, package, 2)).json()["balance"] == 12
    refused = await adjust(studio, package, -13)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/too-few-credits")
    assert (refused.json()["balance"], refused.json()["short_by"]) == (12, 1)
    for wrong in ({"reason": ""}, {"credits": 0}, {"credits": 1.5}, {"credits": 10**9}):
        wanted = {"credits": 1, "reason": "Counted again"} | wrong
        path = f"/customer-packages/{package}/adjustments"
        assert (await studio.ask("POST", path, json=wanted)).status_code == 422
    answers = await asyncio.gather(*(adjust(studio, package, -1) for _ in range(15)))
    assert Counter(answer.status_code for answer in answers) == {201: 12, 409: 3}
    assert await studio.balance(package) == 0
    assert [one["position"] for one in await studio.ledger(package)] == list(range(1, 15))


async def test_a_last_day_is_only_made_later_and_what_is_over_needs_one(
    open_studio: Callable[..., Any], clock: MovedClock
) -> None:
    studio: Studio = await open_studio()
    package = await studio.sell("mia", await studio.package_type(validity_days=10))
    refused = await adjust(studio, package, 0, expires_on="2026-11-10")
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/not-later")
    assert refused.json()["expires_on"] == "2026-11-10"
    entry = await adjust(studio, package, 0, expires_on="2026-11-20")
    assert (entry.status_code, entry.json()["about"]) == (201, "2026-11-20")
    clock.set("2026-11-21T12:00:00+01:00")
    refused = await adjust(studio, package, 3)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/package-expired")
    revived = await adjust(studio, package, 3, expires_on="2026-11-30")
    assert revived.json()["balance"] == 3
    kinds = [(one["kind"], one["balance"]) for one in await studio.ledger(package)]
    assert kinds == [("sale", 10), ("adjustment", 10), ("expiry", 0), ("adjustment", 3)]


async def test_a_ledger_is_read_page_by_page(studio: Studio) -> None:
    package = await studio.sell("mia")
    for _ in range(4):
        await adjust(studio, package, 1)
    path, found, cursor = f"/customer-packages/{package}/ledger", [], None
    while True:
        wanted = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await studio.told("GET", path, params=wanted)
        found += [one["balance"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == [10, 11, 12, 13, 14]


async def test_listeners_hear_of_every_entry_with_the_balance_after_it(studio: Studio) -> None:
    package = await studio.sell("mia")
    await adjust(studio, package, -3)
    [sold] = await events(studio, PackageSold)
    assert sold.receipt is not None
    assert (sold.receipt.series, sold.receipt.number) == ("C", 1)
    assert (sold.package.balance, sold.package.customer_name) == (10, "Mia")
    told = [event.entry for event in await events(studio, LedgerEntryRecorded)]
    assert [(one.kind, one.credits, one.balance) for one in told] == [
        ("sale", 10, 10),
        ("adjustment", -3, 7),
    ]
    assert {str(one.customer_id) for one in told} == {str(studio.customers["mia"])}
    [changed] = await events(studio, PackageChanged)
    assert (changed.package.balance, changed.package.version) == (7, 2)


class Somebody:
    """Does whatever comes to mind to one package, through the door."""

    def __init__(self, studio: Studio, clock: MovedClock, package: str, seed: int) -> None:
        self.studio, self.clock, self.package = studio, clock, package
        self.chance = random.Random(seed)
        self.now = datetime(2026, 11, 1, 8, tzinfo=UTC)
        self.sessions: list[str] = []
        self.places: list[dict[str, Any]] = []

    async def act(self) -> None:
        acts = (self.book, self.book, self.cancel, self.adjust, self.waive, self.rest, self.wait)
        await self.chance.choice(acts)()

    async def book(self) -> None:
        answer = await self.studio.book(self.chance.choice(self.sessions), "mia")
        assert answer.status_code in (201, 409), answer.text
        if answer.status_code == 201:
            self.places += answer.json()["attendances"]

    async def cancel(self) -> None:
        if self.places:
            place = self.chance.choice(self.places)
            by = self.chance.choice(("customer", "business"))
            answer = await self.studio.cancel(place, on_behalf_of=by)
            assert answer.status_code in (200, 409, 412), answer.text

    async def adjust(self) -> None:
        answer = await adjust(self.studio, self.package, self.chance.choice((-4, -2, -1, 1, 2)))
        assert answer.status_code in (201, 409), answer.text

    async def waive(self) -> None:
        entry = self.chance.choice(await self.studio.ledger(self.package))
        answer = await waive(self.studio, self.package, entry["id"])
        assert answer.status_code in (201, 409), answer.text

    async def rest(self) -> None:
        place, first_on = f"/customer-packages/{self.package}", self.now.date()
        last_on = self.chance.choice((None, first_on + timedelta(days=2)))
        wanted = {"first_on": str(first_on), "last_on": last_on and str(last_on), "reason": "Ill"}
        answer = await self.studio.ask("POST", f"{place}/freeze", json=wanted)
        assert answer.status_code in (200, 409), answer.text
        if self.chance.random() < 0.8:
            answer = await self.studio.ask("POST", f"{place}/unfreeze")
            assert answer.status_code in (200, 409), answer.text

    async def wait(self) -> None:
        self.now += timedelta(hours=self.chance.choice((1, 7, 30)))
        self.clock.set(self.now.isoformat())


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_done_the_balance_is_the_sum_of_the_ledger(
    open_studio: Callable[..., Any], clock: MovedClock, seed: int
) -> None:
    clock.set("2026-11-01T08:00:00+00:00")
    studio: Studio = await open_studio()
    package = await studio.sell("mia", await studio.package_type(credits=3, validity_days=6))
    somebody = Somebody(studio, clock, package, seed)
    for day in (2, 3, 4, 6, 8):
        made = await studio.publish_class(f"2026-11-{day:02}T18:00")
        somebody.sessions.append(made["id"])
    for _ in range(25):
        await somebody.act()
    ledger = await studio.ledger(package)
    total = 0
    for number, entry in enumerate(ledger, 1):
        total += entry["credits"]
        assert (entry["position"], entry["balance"]) == (number, total)
        assert total >= 0
    assert await studio.balance(package) == total
    back = Counter(one["reverses"] for one in ledger if one["kind"] in ("reversal", "waiver"))
    assert all(times == 1 for times in back.values())
    moments = [datetime.fromisoformat(one["at"]) for one in ledger]
    assert moments == sorted(moments)
    told = [event.entry for event in await events(studio, LedgerEntryRecorded)]
    assert [str(one.id) for one in told] == [one["id"] for one in ledger]
