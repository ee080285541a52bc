"""Many reach for the last place, or one for two places: the lock decides, and nothing is half."""

import asyncio
from collections import Counter
from typing import Any

from httpx2 import Response

from services.pilates.tests.studio import Studio

CROWD = 50
"""Twenty times, through the gateway, they come in tests/faults."""


async def test_of_fifty_who_want_the_last_place_one_has_it_and_the_others_wait_in_order(
    studio: Studio,
) -> None:
    room, _ = await studio.room_with(8)
    one_credit = await studio.package_type(credits=1, name="One class")
    crowd = [f"c{number}" for number in range(CROWD)]
    await studio.introduce(*crowd, "seven")
    seven = await studio.package_type(credits=100, name="For the others")
    await studio.sell("seven", seven)
    made = await studio.publish_class(
        "2027-01-11T18:00", room_id=room, spot_kind="reformer", largest_party=7
    )
    filled = await studio.book(made["id"], "seven", companions=[{}] * 6)
    assert filled.status_code == 201
    packages = [await studio.sell(name, one_credit) for name in crowd]
    waits = [number % 2 == 0 for number in range(CROWD)]
    answers = await asyncio.gather(
        *(
            until_answered(studio, made["id"], name, join_waitlist=wait)
            for name, wait in zip(crowd, waits, strict=True)
        )
    )
    counted = Counter(answer.status_code for answer in answers)
    assert counted[201] == 1, counted
    assert counted[202] + counted[409] == CROWD - 1, counted
    balances = [await studio.balance(package) for package in packages]
    winner = [answer.status_code for answer in answers].index(201)
    assert balances == [int(number != winner) for number in range(CROWD)]
    taken = await studio.attendances(made["id"], status="booked")
    assert len({place["spot_id"] for place in taken}) == len(taken) == 8
    queue = await studio.waitlist(made["id"])
    assert len(queue) == counted[202]
    assert [entry["position"] for entry in queue] == list(range(1, len(queue) + 1))
    assert len({entry["customer_id"] for entry in queue}) == len(queue)


async def until_answered(studio: Studio, session_id: str, name: str, **changed: Any) -> Response:
    """On a slow machine the line in front of a session may be too long: then one asks again."""
    while (answer := await studio.book(session_id, name, **changed)).status_code == 503:
        pass
    return answer


async def test_one_credit_and_two_classes_at_once_is_one_place(studio: Studio) -> None:
    morning = await studio.publish_class("2027-01-11T09:00")
    evening = await studio.publish_class("2027-01-11T18:00")
    single = await studio.package_type(credits=1)
    package = await studio.sell("mia", single)
    both = [studio.book(made["id"], "mia") for made in (morning, evening)]
    answers = await asyncio.gather(*both)
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert await studio.balance(package) == 0
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["type"] == "/problems/no-credit"
    assert refused.json()["reasons"][0]["reasons"] == ["too_few_credits"]


async def test_one_person_and_two_overlapping_classes_at_once_is_one_place(
    studio: Studio,
) -> None:
    classes = [
        await studio.publish_class(f"2027-01-11T18:{minute:02}") for minute in range(0, 50, 5)
    ]
    package = await studio.sell("mia")
    answers = await asyncio.gather(*(studio.book(made["id"], "mia") for made in classes))
    counted = Counter((answer.status_code, answer.json().get("type")) for answer in answers)
    assert counted == {(201, None): 1, (409, "/problems/already-booked"): 9}
    assert await studio.balance(package) == 9


async def test_who_cancels_and_who_books_at_once_never_overbook(studio: Studio) -> None:
    made = await studio.publish_class("2027-01-11T18:00", capacity=3)
    names = [f"p{number}" for number in range(12)]
    for name in names:
        await studio.sell(name)
    inside = [await studio.booked(made["id"], name) for name in names[:3]]
    for name in names[3:6]:
        assert (await studio.book(made["id"], name, join_waitlist=True)).status_code == 202
    await asyncio.gather(
        *(studio.cancel(place) for place in inside),
        *(studio.book(made["id"], name) for name in names[6:]),
    )
    taken = await studio.attendances(made["id"], status="booked")
    # All who waited have moved up: nobody who came by was quicker than the queue.
    assert {place["customer_name"] for place in taken} == {"P3", "P4", "P5"}


async def test_two_who_move_into_each_others_classes_at_once_end_well(studio: Studio) -> None:
    one = await studio.publish_class("2027-01-11T18:00", capacity=2)
    other = await studio.publish_class("2027-01-12T18:00", capacity=2)
    for name in ("mia", "noa"):
        await studio.sell(name)
    mia = await studio.booked(one["id"], "mia")
    noa = await studio.booked(other["id"], "noa")
    answers = await asyncio.gather(
        studio.change(mia, "move", session_id=other["id"]),
        studio.change(noa, "move", session_id=one["id"]),
    )
    assert [answer.status_code for answer in answers] == [200, 200]
