"""Many clients reach for the last places of a class, through the gateway."""

import asyncio
import time
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import httpx2

from stack.testing import RunningStack
from tests.classes import open_class_studio
from tests.databases import deadlocks, rows

CROWD = 50
SEATS = 100
WITHIN_SECONDS = 120

TAKEN = "SELECT spot_id FROM attendances WHERE session_id = %(session)s AND status = 'booked'"
BROKEN = """
    SELECT p.id FROM customer_packages p WHERE p.balance < 0 OR p.balance <>
    (SELECT sum(credits) FROM ledger_entries l WHERE l.package_id = p.id)
"""


async def test_of_fifty_with_one_credit_each_one_has_the_last_place(
    stack: RunningStack, gateway: httpx2.AsyncClient, in_full: bool
) -> None:
    studio = await open_class_studio(gateway)
    room = await studio.room_with(8)
    template = await studio.template(room_id=room, spot_kind="reformer", largest_party=7)
    domain = f"{uuid4().hex[:12]}.example.com"
    crowd = [f"c{number}@{domain}" for number in range(CROWD)]
    await studio.introduce(*crowd, f"seven@{domain}")
    await studio.sell(await studio.package_type(200), f"seven@{domain}")
    rounds = 20 if in_full else 2
    packages = await studio.sell(await studio.package_type(1), *crowd)
    left = dict.fromkeys(crowd, 1)
    for number in range(rounds):
        starts_at = studio.studio.first_midnight + timedelta(hours=2 * number)
        session = await studio.session(template, starts_at)
        filled = await studio.book(session, f"seven@{domain}", companions=[{}] * 6)
        assert filled.status_code == 201, filled.text
        # Whoever won a round has no credit any more, and is refused for that.
        answers = await asyncio.gather(
            *(
                studio.book(session, email, join_waitlist=at % 2 == 0)
                for at, email in enumerate(crowd)
            )
        )
        counted = Counter(answer.status_code for answer in answers)
        assert counted[201] == 1
        assert counted[201] + counted[202] + counted[409] == CROWD
        [winner] = [
            email for email, answer in zip(crowd, answers, strict=True) if answer.status_code == 201
        ]
        left[winner] -= 1
        spots = [
            spot for (spot,) in rows(stack, "pilates", studio.business_id, TAKEN, session=session)
        ]
        assert len(set(spots)) == len(spots) == 8
        queue = await studio.waitlist(session)
        assert [entry["position"] for entry in queue] == list(range(1, counted[202] + 1))
    balances = {email: await studio.balance(packages[email]) for email in crowd}
    assert balances == left
    assert rows(stack, "pilates", studio.business_id, BROKEN) == []
    assert deadlocks(stack, "pilates") == []


async def test_of_thousands_of_attempts_as_many_are_booked_as_there_are_seats(
    stack: RunningStack, in_full: bool
) -> None:
    attempts, at_once = (10_000, 200) if in_full else (400, 50)
    limits = httpx2.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    async with httpx2.AsyncClient(base_url=stack.url, timeout=60, limits=limits) as gateway:
        studio = await open_class_studio(gateway)
        template = await studio.template(capacity=SEATS, credit_cost=0)
        session = await studio.session(template, studio.studio.first_midnight)
        await studio.page(template)
        began = time.monotonic()
        answers = await asyncio.gather(
            *(
                studio.book_as_guest(session, f"guest-{number}@{uuid4().hex[:8]}.example.com")
                for number in range(attempts)
            )
        )
        took = time.monotonic() - began
    counted = Counter((answer.status_code, answer.json().get("type", "")) for answer in answers)
    assert counted == {(201, ""): SEATS, (409, "/problems/session-full"): attempts - SEATS}
    assert took < WITHIN_SECONDS
    print(f"{attempts} attempts in {took:.1f} s")  # noqa: T201
    taken = rows(stack, "pilates", studio.business_id, TAKEN, session=session)
    assert len(taken) == SEATS
    assert deadlocks(stack, "pilates") == []
