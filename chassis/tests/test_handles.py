"""The handles for black-box tests: a clock that is a file, and points where a process fails."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from notebook.desk import Desk
from pydantic import ValidationError

from chassis import failpoints
from chassis.clock import clock_from, system_clock
from chassis.failpoints import FailpointReached


@pytest.mark.parametrize("handle", [{"clock": "/tmp/now"}, {"failpoint": "after-commit:kill9"}])
def test_handles_are_refused_outside_the_embedded_stack(
    shared: Desk, handle: dict[str, str]
) -> None:
    with pytest.raises(ValidationError, match="embedded stack only"):
        shared.settings(**handle)
    shared.settings(**handle, embedded=True)


async def test_rewriting_the_clocks_file_moves_time(shared: Desk, tmp_path: Path) -> None:
    file = tmp_path / "now"
    file.write_text("2027-03-28T02:30:00+02:00\n")
    async with shared.api(clock=file, embedded=True) as client:
        assert (await client.get("/now")).json() == "2027-03-28T00:30:00Z"
        for unreadable in ("", "2027-03-", "2027-04-01T00:00:00", "tomorrow", "\x00"):
            file.write_text(unreadable)
            assert (await client.get("/now")).json() == "2027-03-28T00:30:00Z"
        file.unlink()
        assert (await client.get("/now")).json() == "2027-03-28T00:30:00Z"
        file.write_text("2028-01-01T00:00:00Z")
        assert (await client.get("/now")).json() == "2028-01-01T00:00:00Z"


def test_without_a_file_now_is_now() -> None:
    assert clock_from(None) is system_clock
    assert abs((system_clock() - datetime.now(UTC)).total_seconds()) < 1


async def test_a_failpoint_fires_as_often_as_said_over_all_processes(
    shared: Desk, tmp_path: Path
) -> None:
    """Each arming stands for another process, or for the same one started again."""
    told = "after-commit:raise:3, notebook.before-ack:raise, kettle.before-publish:raise:9"
    raised = 0
    for _ in range(5):
        failpoints.arm(shared.settings(embedded=True, home=tmp_path, failpoint=told))
        try:
            await failpoints.reach("after-commit")
        except FailpointReached:
            raised += 1
    assert raised == 3
    with pytest.raises(FailpointReached):
        failpoints.reach_sync("before-ack")
    failpoints.reach_sync("before-ack")
    await failpoints.reach("before-publish")
    await failpoints.reach("no-such-point")
    failpoints.arm(shared.settings())
    await failpoints.reach("after-commit")


async def test_sleep_delays_each_time(shared: Desk, tmp_path: Path) -> None:
    failpoints.arm(shared.settings(embedded=True, home=tmp_path, failpoint="before-ack:sleep=0.01"))
    for _ in range(3):
        started = time.monotonic()
        await failpoints.reach("before-ack")
        assert time.monotonic() - started >= 0.009
    failpoints.arm(shared.settings())


@pytest.mark.parametrize("told", ["after-commit", "after-commit:explode", "x:raise:many", ":::"])
def test_a_failpoint_that_cannot_be_read_is_refused_at_start(shared: Desk, told: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        failpoints.arm(shared.settings(embedded=True, failpoint=told))
