"""Nobody's mails wait for somebody else's."""

from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from chassis.database import create_engine, in_transaction, sessions_of
from chassis.testing import eventually, served
from notifications import main, worker
from notifications.messages import dispatch
from notifications.messages.throttle import Throttle
from notifications.testing import Studio, messages_of
from services.notifications.tests.conftest import MakeSettings, StartMailer
from stack.signer import Signer


def test_a_bucket_fills_by_the_rate_and_holds_a_burst() -> None:
    throttle, business = Throttle(60), uuid4()
    assert [throttle.lets_pass(business, 100.0) for _ in range(6)] == [True] * 5 + [False]
    assert not throttle.lets_pass(business, 100.9)
    assert throttle.lets_pass(business, 101.1)
    assert throttle.lets_pass(uuid4(), 101.1)
    assert [throttle.lets_pass(business, 1000.0) for _ in range(6)] == [True] * 5 + [False]


def test_a_slow_rate_still_lets_one_pass() -> None:
    throttle, business = Throttle(6), uuid4()
    assert [throttle.lets_pass(business, at) for at in (0.0, 1.0, 9.9, 10.1)] == [
        True,
        False,
        False,
        True,
    ]


def test_it_forgets_whom_it_has_not_seen_for_long() -> None:
    throttle = Throttle(60)
    for number in range(12_000):
        throttle.lets_pass(uuid4(), number / 100)
    assert len(throttle._left) <= 10_001


async def test_a_business_sends_no_faster_than_it_may_and_delays_no_other(
    make_settings: MakeSettings, start_mailer: StartMailer, nats_url: str, signer: Signer
) -> None:
    settings = make_settings(mails_per_minute=60)
    first, busy, other = (Studio(nats_url) for _ in range(3))

    async def sent(api: object, studio: Studio, count: int) -> list[datetime]:
        async def as_many() -> list[dict[str, str]]:
            found = await messages_of(api, signer.bearer(studio.business_id), state="sent")  # type: ignore[arg-type]
            return found if len(found) == count else []

        found = await eventually(as_many, within_seconds=60)
        return sorted(datetime.fromisoformat(message["sent_at"]) for message in found)

    async with (
        served(main.create(settings)) as api,
        served(worker.create(settings)),
        start_mailer(settings),
    ):
        # A mailer that takes its time to start would find them all in the queue.
        await first.confirm()
        await sent(api, first, 1)
        started = datetime.now(UTC)
        for _ in range(8):
            await busy.confirm()
        await other.confirm()
        of_other, of_busy = await sent(api, other, 1), await sent(api, busy, 8)
    # Five at once, then one a second.
    assert (of_busy[-1] - started).total_seconds() > 2.9
    assert of_other[0] < of_busy[-1]


async def test_each_business_has_its_share_of_what_is_handed_over(
    unsent: object,
    make_settings: MakeSettings,
    nats_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    studios = [Studio(nats_url) for _ in range(3)]
    for studio, count in zip(studios, (6, 1, 4), strict=True):
        for _ in range(count):
            await studio.confirm()
    monkeypatch.setattr(dispatch, "WINDOW_OF_BUSINESS", 3)
    settings = make_settings()
    engine = create_engine(settings.database_url, "test", 1)
    ours = {studio.business_id: number for number, studio in enumerate(studios)}

    async def shares() -> bool:
        due = await in_transaction(sessions_of(engine), dispatch.read_due)
        counted = Counter(ours[row.business_id] for row in due if row.business_id in ours)
        return counted == {0: 3, 1: 1, 2: 3}

    await eventually(shares)
    await engine.dispose()
