"""Package types, and what is sold of them: with its receipt, once to each if so, and taken back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import nats
import pytest
from nats.aio.msg import Msg

from chassis.audit import AuditEntry
from contracts.catalog import Introduce
from contracts.pilates import PackageVoided
from pilates.receipts.models import Receipt
from services.pilates.tests.studio import MovedClock, Studio
from services.pilates.tests.telling import events

OpenStudio = Callable[..., Awaitable[Studio]]
TYPE = {"name": "Ten classes", "credits": 10, "price_cents": 20000}


@pytest.fixture(autouse=True)
def november(clock: MovedClock) -> None:
    clock.set("2026-11-01T12:00:00+01:00")


async def sale(studio: Studio, type_: str, name: str = "mia", **changed: Any) -> Any:
    [customer] = await studio.introduce(name)
    wanted = {"customer_id": str(customer), "package_type_id": type_, "paid_with": "card"}
    return await studio.ask("POST", "/customer-packages", json=wanted | changed)


async def receipts(studio: Studio, **wanted: str) -> list[dict[str, Any]]:
    return list((await studio.told("GET", "/class-receipts", params=wanted))["items"])


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"]


async def test_a_package_type_is_changed_for_later_buyers_and_archived(studio: Studio) -> None:
    made = await studio.told("POST", "/package-types", json=TYPE)
    assert made | TYPE == made
    sold = await studio.sell("mia", made["id"])
    place = f"/package-types/{made['id']}"
    changed = await studio.told("PUT", place, json=TYPE | {"credits": 12})
    assert (changed["credits"], changed["version"]) == (12, 2)
    assert await studio.balance(sold) == 10
    stale = await studio.ask("PUT", place, json=TYPE, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    await studio.told("DELETE", place)
    assert (await studio.told("GET", place))["archived_at"]
    assert made["id"] not in [
        one["id"] for one in (await studio.told("GET", "/package-types"))["items"]
    ]
    with_archived = await studio.told("GET", "/package-types", params={"archived": "true"})
    assert made["id"] in [one["id"] for one in with_archived["items"]]
    assert (await sale(studio, made["id"])).status_code == 404
    assert (await studio.ask("PUT", place, json=TYPE)).status_code == 404


async def test_what_a_package_type_pays_for_is_known_here(
    studio: Studio, open_studio: OpenStudio
) -> None:
    template, theirs = await studio.template(), await (await open_studio()).template()
    made = await studio.told("POST", "/package-types", json=TYPE | {"template_ids": [template]})
    assert made["template_ids"] == [template]
    wanted = TYPE | {"template_ids": [template, theirs]}
    answer = await studio.ask("POST", "/package-types", json=wanted)
    assert refused(answer) == (404, "/problems/unknown-offer")
    assert answer.json()["template_ids"] == [theirs]


async def test_a_package_type_that_makes_no_sense_is_refused(studio: Studio) -> None:
    wrong: list[dict[str, Any]] = [
        {"credits": 0},
        {"credits": "10"},
        {"credits": 10**9},
        {"name": "  "},
        {"name": "a\nb"},
        {"validity_days": 0},
        {"price_cents": -1},
        {"price_cents": 10**12},
        {"valid_from": "tomorrow"},
        {"template_ids": ["x"]},
        {"colour": "red"},
    ]
    for one in wrong:
        answer = await studio.ask("POST", "/package-types", json=TYPE | one)
        assert answer.status_code == 422, one


async def test_a_sale_has_a_receipt_and_is_in_the_ledger(studio: Studio) -> None:
    answer = await sale(studio, await studio.package_type(validity_days=30), price_cents=18000)
    assert answer.status_code == 201, answer.text
    sold = answer.json()
    assert answer.headers["Location"] == f"/api/customer-packages/{sold['id']}"
    assert (sold["customer_name"], sold["state"], sold["balance"]) == ("Mia", "active", 10)
    receipt = sold["receipt"]
    assert (receipt["series"], receipt["number"], receipt["kind"]) == ("C", 1, "payment")
    assert (receipt["amount_cents"], receipt["paid_with"]) == (18000, "card")
    assert await receipts(studio, package_id=sold["id"]) == [receipt]
    assert await studio.told("GET", f"/class-receipts/{receipt['id']}") == receipt
    [entry] = await studio.ledger(sold["id"])
    assert (entry["kind"], entry["credits"], entry["balance"]) == ("sale", 10, 10)
    assert entry["about"] == "Ten classes"
    assert entry["actor"].startswith("member:")


async def test_what_is_free_has_no_receipt_and_no_price(studio: Studio) -> None:
    type_ = await studio.package_type()
    given = (await sale(studio, type_, paid_with="free")).json()
    assert (given["price_cents"], given["receipt"]) == (0, None)
    answer = await sale(studio, type_, paid_with="free", price_cents=1)
    assert answer.status_code == 422
    assert await receipts(studio) == []


async def test_receipts_are_numbered_without_gaps_whoever_sells_at_once(studio: Studio) -> None:
    type_ = await studio.package_type()
    once = await studio.package_type(once_per_customer=True)
    await studio.introduce("mia")
    wanted = [type_, once] * 6
    answers = await asyncio.gather(*(sale(studio, one) for one in wanted))
    sold = [answer for answer in answers if answer.status_code == 201]
    assert len(sold) == 7
    assert {refused(one) for one in answers if one not in sold} == {
        (409, "/problems/bought-before")
    }
    assert [one["number"] for one in await receipts(studio)] == list(range(1, 8))


async def test_what_is_sold_once_to_each_is_sold_again_if_it_was_taken_back(
    studio: Studio,
) -> None:
    once = await studio.package_type(once_per_customer=True)
    first = (await sale(studio, once)).json()
    assert refused(await sale(studio, once)) == (409, "/problems/bought-before")
    assert (await sale(studio, once, "noa")).status_code == 201
    await studio.told("POST", f"/customer-packages/{first['id']}/void", json={"reason": "Typo"})
    assert (await sale(studio, once)).status_code == 201


async def test_a_sale_on_paper_counts_from_its_day(
    open_studio: OpenStudio, clock: MovedClock
) -> None:
    clock.set("2026-11-20T12:00:00+00:00")
    studio = await open_studio()
    type_ = await studio.package_type(validity_days=10)
    sold = (await sale(studio, type_, sold_on="2026-11-15")).json()
    assert (sold["starts_on"], sold["expires_on"]) == ("2026-11-15", "2026-11-24")
    late = await sale(studio, type_, sold_on="2026-11-10")
    assert refused(late) == (409, "/problems/package-expired")
    early = await sale(studio, type_, sold_on="2026-11-21")
    assert refused(early) == (422, "/problems/sold-in-the-future")
    assert early.json()["today"] == "2026-11-20"


async def test_a_voided_sale_gives_back_what_is_left(studio: Studio) -> None:
    made = await studio.publish_class("2027-01-11T18:00")
    sold = await studio.sell("mia")
    booked = await studio.booked(made["id"], "mia")
    place = f"/customer-packages/{sold}/void"
    too_much = await studio.ask("POST", place, json={"reason": "Moves", "refund_cents": 20001})
    assert refused(too_much) == (422, "/problems/refund-too-high")
    voided = await studio.told("POST", place, json={"reason": "Moves away"})
    assert (voided["state"], voided["balance"]) == ("voided", 0)
    assert (voided["receipt"]["kind"], voided["receipt"]["amount_cents"]) == ("refund", 18000)
    assert [one["number"] for one in await receipts(studio)] == [1, 2]
    *_, last = await studio.ledger(sold)
    assert (last["kind"], last["credits"], last["reason"]) == ("void", -9, "Moves away")
    again = await studio.ask("POST", place, json={"reason": "Moves away"})
    assert refused(again) == (409, "/problems/sale-voided")
    other = await studio.publish_class("2027-01-12T18:00")
    answer = await studio.book(other["id"], "mia")
    assert answer.json()["reasons"][0]["reasons"] == ["voided", "too_few_credits"]
    [event] = await events(studio, PackageVoided)
    assert event.receipt is not None
    assert (event.receipt.number, event.package.voided_at is None) == (2, False)
    # A place that it had paid for is given up: the credit returns, but pays for nothing.
    await studio.cancel(booked)
    assert (await studio.book(other["id"], "mia")).json()["reasons"][0]["reasons"] == ["voided"]
    adjustments, reason = f"/customer-packages/{sold}/adjustments", {"reason": "Paid back"}
    more = await studio.ask("POST", adjustments, json=reason | {"credits": 1})
    assert refused(more) == (409, "/problems/sale-voided")
    await studio.told("POST", adjustments, json=reason | {"credits": -1})
    assert await studio.balance(sold) == 0


async def test_packages_are_found_by_customer_and_state(
    open_studio: OpenStudio, clock: MovedClock
) -> None:
    clock.set("2026-11-20T12:00:00+00:00")
    studio = await open_studio()
    type_ = await studio.package_type(validity_days=10, credits=1)
    ids = {name: await studio.sell("mia", type_) for name in ("active", "voided", "used_up")}
    await studio.told(
        "POST", f"/customer-packages/{ids['voided']}/void", json={"reason": "Mistake"}
    )
    await studio.told(
        "POST",
        f"/customer-packages/{ids['used_up']}/adjustments",
        json={"credits": -1, "reason": "Used on paper"},
    )
    ids["frozen"] = await studio.sell("mia", type_)
    rest = {"first_on": "2026-11-20", "reason": "Ill"}
    await studio.told("POST", f"/customer-packages/{ids['frozen']}/freeze", json=rest)
    ids["expired"] = await studio.sell("mia", type_, sold_on="2026-11-11")
    await studio.sell("noa", type_)
    clock.set("2026-11-21T12:00:00+00:00")
    mia = str(studio.customers["mia"])
    for state, id_ in ids.items():
        wanted = {"customer_id": mia, "state": state}
        found = (await studio.told("GET", "/customer-packages", params=wanted))["items"]
        assert [(one["id"], one["state"]) for one in found] == [(id_, state)]
    all_ = await studio.told("GET", "/customer-packages", params={"customer_id": mia, "limit": 3})
    rest_of_them = await studio.told(
        "GET", "/customer-packages", params={"customer_id": mia, "cursor": all_["next_cursor"]}
    )
    assert len(all_["items"] + rest_of_them["items"]) == 5


@pytest.fixture
async def unhelpful_catalog(nats_url: str) -> AsyncIterator[None]:
    """What pilates has not heard of is nobody's either."""
    connection = await nats.connect(nats_url)

    async def answer(message: Msg) -> None:
        await message.respond(b'{"reply": {}}')

    await connection.subscribe(Introduce.subject, cb=answer)
    await connection.flush()
    yield
    await connection.close()


@pytest.mark.usefixtures("unhelpful_catalog")
async def test_another_studios_ids_answer_like_unknown_ones(
    studio: Studio, open_studio: OpenStudio
) -> None:
    other = await open_studio()
    type_, package = await other.package_type(), await other.sell("mia")
    entry = (await other.ledger(package))[0]["id"]
    [receipt] = await receipts(other)
    stranger = str(other.customers["mia"])
    reason = {"reason": "Curious"}
    for id_type, id_package, id_entry, id_receipt in (
        (type_, package, entry, receipt["id"]),
        [str(uuid4()) for _ in range(4)],
        ["nonsense"] * 4,
    ):
        place = f"/customer-packages/{id_package}"
        asked: list[tuple[str, str, Any]] = [
            ("GET", f"/package-types/{id_type}", None),
            ("PUT", f"/package-types/{id_type}", TYPE),
            ("DELETE", f"/package-types/{id_type}", None),
            ("GET", place, None),
            ("GET", f"{place}/ledger", None),
            ("POST", f"{place}/adjustments", reason | {"credits": 1}),
            ("POST", f"{place}/freeze", reason | {"first_on": "2026-11-01"}),
            ("POST", f"{place}/unfreeze", None),
            ("POST", f"{place}/void", reason),
            ("POST", f"{place}/ledger/{id_entry}/waive", reason),
            ("GET", f"/class-receipts/{id_receipt}", None),
        ]
        for method, path, body in asked:
            answer = await studio.ask(method, path, json=body)
            assert (answer.status_code, answer.json()["type"]) == (
                404,
                "/problems/not-found",
            ), f"{method} {path}"
    assert (await sale(studio, type_)).status_code == 404
    own = await studio.package_type()
    wanted = {"customer_id": stranger, "package_type_id": own, "paid_with": "cash"}
    assert (await studio.ask("POST", "/customer-packages", json=wanted)).status_code == 404
    asked = {"customer_id": stranger, "service_id": str(uuid4()), "starts_at": "2027-01-11T18:00"}
    answer = await studio.ask("GET", "/customer-packages/eligible", params=asked)
    assert answer.status_code == 404
    services = await studio.ask(
        "POST", "/package-types", json=TYPE | {"service_ids": [asked["service_id"]]}
    )
    assert refused(services) == (404, "/problems/unknown-offer")
    listed = await studio.told("GET", "/customer-packages", params={"customer_id": stranger})
    assert listed["items"] == []


async def test_an_entry_of_another_package_is_not_waived_here(studio: Studio) -> None:
    mine, other = await studio.sell("mia"), await studio.sell("noa")
    entry = (await studio.ledger(other))[0]["id"]
    path = f"/customer-packages/{mine}/ledger/{entry}/waive"
    assert (await studio.ask("POST", path, json={"reason": "Kind"})).status_code == 404


async def test_who_may_do_what_with_packages(studio: Studio) -> None:
    type_, package = await studio.package_type(), await studio.sell("mia")
    place, reason = f"/customer-packages/{package}", {"reason": "Asked for"}
    customer = str(studio.customers["mia"])
    sell = {"customer_id": customer, "package_type_id": type_, "paid_with": "cash"}
    needed: list[tuple[str, str, str, Any]] = [
        ("MANAGE_PACKAGES", "POST", "/package-types", TYPE),
        ("MANAGE_PACKAGES", "PUT", f"/package-types/{type_}", TYPE),
        ("MANAGE_PACKAGES", "POST", "/customer-packages", sell),
        ("MANAGE_PACKAGES", "POST", f"{place}/adjustments", reason | {"credits": 1}),
        ("MANAGE_PACKAGES", "POST", f"{place}/freeze", reason | {"first_on": "2026-11-01"}),
        ("MANAGE_PACKAGES", "POST", f"{place}/unfreeze", None),
        ("VIEW_FINANCIALS", "GET", "/customer-packages/liability?on=2026-11-01", None),
        ("VIEW_FINANCIALS", "GET", "/class-receipts", None),
        ("MANAGE_PACKAGES", "POST", f"{place}/void", reason),
        ("MANAGE_PACKAGES", "DELETE", f"/package-types/{type_}", None),
    ]
    for permission, method, path, body in needed:
        answer = await studio.ask(method, path, json=body, headers=studio.member())
        assert answer.status_code == 403, f"{method} {path}"
        assert answer.json()["missing"] == [permission]
        allowed = studio.member(permission)
        answer = await studio.ask(method, path, json=body, headers=allowed)
        assert answer.is_success, f"{method} {path} {answer.text}"
    for path in ("/package-types", "/customer-packages", place, f"{place}/ledger"):
        assert (await studio.ask("GET", path, headers=studio.member())).is_success
        anonymous = await studio.client.get(f"/api{path}")
        assert anonymous.status_code == 401


async def test_what_members_do_is_in_the_audit_trail(
    studio: Studio, rows: Callable[..., Awaitable[list[Any]]]
) -> None:
    package = await studio.sell("mia")
    place, reason = f"/customer-packages/{package}", {"reason": "Asked for"}
    await studio.told("POST", f"{place}/adjustments", json=reason | {"credits": 2})
    await studio.told("POST", f"{place}/freeze", json=reason | {"first_on": "2026-11-03"})
    await studio.told("POST", f"{place}/unfreeze")
    await studio.told("POST", f"{place}/void", json=reason)
    kept = sorted(await rows(AuditEntry, studio.id), key=lambda one: one.id)
    trail = {one.action: one for one in kept}
    assert list(trail) == [
        "package-type.created",
        "package.sold",
        "package.adjusted",
        "package.frozen",
        "package.unfrozen",
        "package.voided",
    ]
    adjusted = trail["package.adjusted"]
    assert adjusted.before == {"balance": 10}
    assert adjusted.after == {"balance": 12, "reason": "Asked for"}


async def test_the_same_sale_twice_is_one_sale(
    studio: Studio, rows: Callable[..., Awaitable[list[Any]]]
) -> None:
    type_ = await studio.package_type()
    [customer] = await studio.introduce("mia")
    wanted = {"customer_id": str(customer), "package_type_id": type_, "paid_with": "cash"}
    headers = studio.owner | {"Idempotency-Key": "one"}
    answers = [
        await studio.client.post("/api/customer-packages", json=wanted, headers=headers)
        for _ in range(2)
    ]
    assert answers[0].content == answers[1].content
    assert len(await rows(Receipt, studio.id)) == 1
