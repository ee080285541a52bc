"""Places in a class: room, spot, credit and one place at a time, decided together."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.pilates.tests.studio import MovedClock, Studio

OpenStudio = Callable[..., Awaitable[Studio]]


async def test_a_place_costs_a_credit_and_has_a_spot(studio: Studio) -> None:
    room, _ = await studio.room_with(3)
    made = await studio.publish_class("2027-01-11T18:00", room_id=room, spot_kind="reformer")
    package = await studio.sell("mia")
    place = await studio.booked(made["id"], "mia")
    assert (place["status"], place["paid_with"], place["credits"]) == ("booked", "credit", 1)
    assert (place["spot_label"], place["package_id"]) == ("R1", package)
    assert await studio.balance(package) == 9
    sale, debit = await studio.ledger(package)
    assert (sale["kind"], debit["kind"], debit["credits"]) == ("sale", "debit", -1)
    assert debit["attendance_id"] == place["id"]
    assert debit["about"] == "Reformer Flow, 2027-01-11"


async def test_a_spot_is_chosen_or_refused_with_those_that_are_free(studio: Studio) -> None:
    room, (one, two, three) = await studio.room_with(3)
    made = await studio.publish_class("2027-01-11T18:00", room_id=room, spot_kind="reformer")
    for name in ("mia", "noa"):
        await studio.sell(name)
    assert (await studio.booked(made["id"], "mia", spot_ids=[two]))["spot_label"] == "R2"
    answer = await studio.book(made["id"], "noa", spot_ids=[two])
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/spot-taken")
    assert answer.json()["free_spot_ids"] == [one, three]
    answer = await studio.book(made["id"], "noa", spot_ids=[room])
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/no-such-spot")
    assert (await studio.booked(made["id"], "noa"))["spot_label"] == "R1"


async def test_without_a_credit_there_is_no_place_and_every_package_says_why(
    studio: Studio,
) -> None:
    made = await studio.publish_class("2027-01-11T18:00")
    answer = await studio.book(made["id"], "mia")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/no-credit")
    assert answer.json()["reasons"] == []
    other = await studio.template(name="Barre")
    only_barre = await studio.package_type(template_ids=[other], name="Barre card")
    package = await studio.sell("mia", only_barre)
    answer = await studio.book(made["id"], "mia")
    told = {"package_id": package, "name": "Barre card", "reasons": ["not_eligible"]}
    assert answer.json()["reasons"] == [told]
    assert await studio.attendances(made["id"]) == []


async def test_the_package_that_expires_first_pays(studio: Studio) -> None:
    made = await studio.publish_class("2027-01-11T18:00")
    await studio.sell("mia")
    soon = await studio.sell("mia", await studio.package_type(validity_days=120))
    assert (await studio.booked(made["id"], "mia"))["package_id"] == soon


async def test_a_party_has_all_its_places_or_none(studio: Studio) -> None:
    made = await studio.publish_class("2027-01-11T18:00", capacity=3)
    mia = await studio.sell("mia")
    noa = await studio.sell("noa")
    await studio.booked(made["id"], "noa")
    company = [{"name": "Ida"}, {}]
    answer = await studio.book(made["id"], "mia", companions=company)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/session-full")
    assert answer.json()["free"] == 2
    assert await studio.balance(mia) == 10
    answer = await studio.book(made["id"], "mia", companions=[{"name": "Ida"}])
    party = answer.json()["attendances"]
    assert [one["customer_name"] for one in party] == ["Mia", "Ida"]
    assert {one["payer_id"] for one in party} == {str(studio.customers["mia"])}
    assert (await studio.balance(mia), await studio.balance(noa)) == (8, 9)


async def test_a_party_is_not_paid_for_in_part(studio: Studio) -> None:
    made = await studio.publish_class("2027-01-11T18:00")
    package = await studio.sell("mia", await studio.package_type(credits=1))
    answer = await studio.book(made["id"], "mia", companions=[{"name": "Ida"}])
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/no-credit")
    assert await studio.balance(package) == 1
    assert await studio.attendances(made["id"]) == []


async def test_a_party_larger_than_the_class_takes_is_refused(studio: Studio) -> None:
    made = await studio.publish_class("2027-01-11T18:00", largest_party=2)
    await studio.sell("mia")
    answer = await studio.book(made["id"], "mia", companions=[{}, {}])
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/party-too-large")


async def test_nobody_is_in_two_places_at_the_same_time(studio: Studio) -> None:
    one = await studio.publish_class("2027-01-11T18:00")
    overlapping = await studio.publish_class("2027-01-11T18:30")
    after = await studio.publish_class("2027-01-11T19:00")
    package = await studio.sell("mia")
    place = await studio.booked(one["id"], "mia")
    for session in (one, overlapping):
        answer = await studio.book(session["id"], "mia")
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/already-booked")
        assert answer.json()["attendance_id"] == place["id"]
    await studio.booked(after["id"], "mia")
    assert await studio.balance(package) == 8


async def test_a_party_may_not_bring_somebody_who_is_elsewhere(studio: Studio) -> None:
    one = await studio.publish_class("2027-01-11T18:00")
    other = await studio.publish_class("2027-01-11T18:30")
    await studio.sell("mia")
    await studio.sell("noa")
    await studio.booked(other["id"], "noa")
    company = [{"customer_id": str(studio.customers["noa"])}]
    answer = await studio.book(one["id"], "mia", companions=company)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/already-booked")
    assert answer.json()["person"] == "Noa"
    assert await studio.attendances(one["id"]) == []


async def test_a_class_may_be_paid_for_at_the_studio_or_given(studio: Studio) -> None:
    made = await studio.publish_class("2027-01-11T18:00")
    place = await studio.booked(made["id"], "mia", pay_with="at_studio")
    assert (place["paid_with"], place["price_cents"], place["credits"]) == ("at_studio", 2500, 0)
    teacher = studio.member("MANAGE_CLASSES")
    answer = await studio.book(made["id"], "noa", pay_with="nothing", headers=teacher)
    assert (answer.status_code, answer.json()["missing"]) == (403, ["MANAGE_PACKAGES"])
    assert (await studio.booked(made["id"], "noa", pay_with="nothing"))["price_cents"] == 0
    free = await studio.publish_class("2027-01-12T18:00", credit_cost=0, price_cents=0)
    answer = await studio.book(free["id"], "noa", pay_with="credit")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/not-payable-so")
    assert (await studio.booked(free["id"], "noa"))["paid_with"] == "nothing"


async def test_the_same_key_is_one_party(studio: Studio) -> None:
    made = await studio.publish_class("2027-01-11T18:00")
    package = await studio.sell("mia")
    key = {"Idempotency-Key": "mia-once"}
    first = await studio.book(made["id"], "mia", headers=key)
    again = await studio.book(made["id"], "mia", headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert await studio.balance(package) == 9


async def test_a_teacher_books_in_their_own_classes_only(open_studio: OpenStudio) -> None:
    studio = await open_studio(people=2)
    mine, other = studio.staff
    own = await studio.publish_class("2027-01-11T18:00", instructor_id=str(mine))
    not_own = await studio.publish_class("2027-01-11T18:00", instructor_id=str(other))
    await studio.sell("mia")
    teacher = studio.member(staff_id=mine)
    assert (await studio.book(not_own["id"], "mia", headers=teacher)).status_code == 403
    assert (await studio.book(own["id"], "mia", headers=teacher)).status_code == 201
    path = f"/class-sessions/{not_own['id']}/attendances"
    assert (await studio.ask("GET", path, headers=teacher)).status_code == 403


@pytest.mark.parametrize(
    "changed",
    [
        {"customer_id": None},
        {"customer": {"name": "Ada", "email": "ada@example.com"}},
        {"companions": [{"email": "ida@example.com"}]},
        {"companions": [{"name": "Ida\r\nBcc: all"}]},
        {"companions": [{}] * 20},
        {"spot_ids": ["00000000-0000-4000-8000-000000000000"] * 2},
        {"pay_with": "drop_in"},
        {"join_waitlist": "yes"},
        {"surprise": 1},
    ],
)
async def test_what_makes_no_party_is_refused(untouched: Studio, changed: dict[str, Any]) -> None:
    made = await untouched.publish_class("2027-01-11T18:00")
    answer = await untouched.book(made["id"], "mia", **changed)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")


async def test_another_studios_class_place_and_customer_are_like_none(
    open_studio: OpenStudio,
) -> None:
    studio, other = await open_studio(), await open_studio()
    made = await studio.publish_class("2027-01-11T18:00")
    await studio.sell("mia")
    place = await studio.booked(made["id"], "mia")
    await other.introduce("eve")
    theirs = await other.publish_class("2027-01-11T18:00")
    answers = [
        await other.book(made["id"], "eve"),
        await other.cancel(place),
        await other.change(place, "move", session_id=theirs["id"]),
        await other.change(place | {"session_id": theirs["id"]}, "cancel"),
        await other.change(place | {"session_id": theirs["id"]}, "attended"),
        await other.ask("GET", f"/class-sessions/{made['id']}/attendances"),
        await other.ask("GET", f"/class-sessions/{made['id']}/waitlist"),
    ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert len({answer.content for answer in answers}) == 1


async def test_the_whole_chain_of_reasons_can_be_asked_for(
    studio: Studio, clock: MovedClock
) -> None:
    clock.set("2027-01-10T12:00:00+00:00")
    made = await studio.publish_class("2027-01-11T18:00", capacity=1)
    other = await studio.publish_class("2027-01-11T18:30")
    await studio.sell("noa")
    await studio.sell("mia")
    short = await studio.sell(
        "mia", await studio.package_type(validity_days=1, name="Today only", price_cents=0)
    )
    await studio.booked(made["id"], "noa")
    place = await studio.booked(other["id"], "mia")
    mia = str(studio.customers["mia"])
    path = f"/class-sessions/{made['id']}/reasons"
    chain = await studio.told("GET", path, params={"customer_id": mia})
    assert chain["bookable"] is False
    assert set(chain["reasons"]) == {"full", "time_conflict"}
    assert chain["conflicts_with"] == [place["id"]]
    assert (chain["capacity"], chain["effective_capacity"], chain["booked"]) == (1, 1, 1)
    by_package = {one["package_id"]: one["reasons"] for one in chain["packages"]}
    assert by_package[short] == ["expired"]
    assert by_package[chain["pays"]] == []
