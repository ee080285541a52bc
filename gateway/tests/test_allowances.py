import limits
import pytest

from chassis.problems import TooManyRequests
from gateway.allowances import SlidingWindow


async def hit(gateway, times, path, **options):
    return [(await gateway.client.get(path, **options)) for _ in range(times)]


def statuses(answers):
    return [answer.status_code for answer in answers]


async def test_an_address_that_asks_too_much_is_told_when_to_come_back(serve, recorder):
    async with serve(limit_per_address="3/minute") as gateway:
        answers = await hit(gateway, 4, "/api/public/booking/core")
    assert statuses(answers) == [200, 200, 200, 429]
    refused = answers[-1]
    assert refused.json()["type"] == "/problems/too-many-requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 80
    assert int(refused.headers["Retry-After"]) == refused.json()["retry_after_seconds"]
    assert len(recorder.seen) == 3


async def test_a_header_from_outside_does_not_make_another_address(serve, recorder):
    async with serve(limit_per_address="1/minute") as gateway:
        first = {"X-Forwarded-For": "203.0.113.1"}
        second = {"X-Forwarded-For": "203.0.113.2"}
        await gateway.client.get("/api/public/booking/core", headers=first)
        answer = await gateway.client.get("/api/public/booking/core", headers=second)
    assert answer.status_code == 429


async def test_behind_a_trusted_proxy_each_visitor_has_an_own_allowance(serve, recorder):
    async with serve(limit_per_address="1/minute", trusted_proxies="127.0.0.1") as gateway:

        async def visit(address):
            headers = {"X-Forwarded-For": address}
            return (
                await gateway.client.get("/api/public/booking/core", headers=headers)
            ).status_code

        assert await visit("203.0.113.1") == 200
        assert await visit("203.0.113.2") == 200
        assert await visit("2001:db8::1") == 200
        assert await visit("2001:db8::2") == 429  # The same /64.


async def test_guessing_passwords_is_limited_sooner_than_anything_else(serve, recorder):
    async with serve(limit_sign_in="2/minute") as gateway:
        answers = [await gateway.client.post("/api/auth/sign-in", json={}) for _ in range(3)]
        assert statuses(answers) == [200, 200, 429]
        assert (await gateway.client.get("/api/public/booking/core")).status_code == 200


async def test_members_and_businesses_have_allowances_of_their_own(
    serve, recorder, signer, business
):
    async with serve(limit_per_principal="2/minute", limit_per_business="3/minute") as gateway:
        one, other = signer.bearer(business), signer.bearer(business)
        assert statuses(await hit(gateway, 3, "/api/services", headers=one)) == [200, 200, 429]
        assert statuses(await hit(gateway, 2, "/api/services", headers=other)) == [200, 429]


async def test_one_booking_page_cannot_crowd_out_another(serve, recorder):
    async with serve(limit_per_business="1/minute") as gateway:
        assert statuses(await hit(gateway, 2, "/api/public/booking/core")) == [200, 429]
        assert statuses(await hit(gateway, 1, "/api/public/booking/other")) == [200]


def take_all(window):
    while True:
        window.take("a")


def test_the_window_slides_and_says_truly_when_there_is_room():
    now = [0.0]
    window = SlidingWindow(limits.parse("10/minute"), monotonic=lambda: now[0])
    for waited in (0, 1, 59, 61, 130):
        now[0] += waited
        with pytest.raises(TooManyRequests) as refused:
            take_all(window)
        retry_after_seconds = refused.value.members["retry_after_seconds"]
        assert 1 <= retry_after_seconds <= 66
        now[0] += retry_after_seconds
        window.take("a")


def test_a_period_lets_in_what_it_says():
    now = [0.0]
    window = SlidingWindow(limits.parse("10/minute"), monotonic=lambda: now[0])
    for _ in range(10):
        window.take("a")
    now[0] = 119.9
    with pytest.raises(TooManyRequests):
        take_all(window)
    now[0] = 500
    for _ in range(10):
        window.take("a")
