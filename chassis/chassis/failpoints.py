"""Places where a test may stop, delay or kill a process. Unarmed, they cost one dict look-up."""

import asyncio
import fcntl
import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

from chassis.settings import ProcessSettings

UNLIMITED = 2**31


class FailpointReached(RuntimeError):
    pass


class Failpoint(NamedTuple):
    action: str
    seconds: float
    times: int
    counter: Path
    """Shared by all processes and kept over restarts, so that a kill does not repeat for ever."""


_armed: dict[str, Failpoint] = {}


def arm(settings: ProcessSettings) -> None:
    """`<name>:<kill9|raise|sleep=S>[:N]`, several separated by commas."""
    _armed.clear()
    for entry in filter(None, map(str.strip, settings.failpoint.split(","))):
        name, action, *times = entry.split(":")
        action, _, seconds = action.partition("=")
        if action not in ("kill9", "raise", "sleep"):
            raise ValueError(f"Unknown failpoint action {action!r} in {entry!r}")
        service, _, point = name.rpartition(".")
        if service in ("", settings.service):
            limit = int(times[0]) if times else UNLIMITED if action == "sleep" else 1
            counter = (settings.home or Path()) / "failpoints" / name
            _armed[point] = Failpoint(action, float(seconds or 0), limit, counter)


def _fires(point: Failpoint) -> bool:
    point.counter.parent.mkdir(parents=True, exist_ok=True)
    with point.counter.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        fired = int(file.read() or 0)
        if fired < point.times:
            file.truncate(0)
            file.write(str(fired + 1))
    return fired < point.times


def _reached(name: str) -> float:
    point = _armed.get(name)
    if point is None or not _fires(point):
        return 0
    if point.action == "kill9":
        os.kill(os.getpid(), signal.SIGKILL)
    if point.action == "raise":
        raise FailpointReached(name)
    return point.seconds


async def reach(name: str) -> None:
    if _armed and (seconds := _reached(name)):
        await asyncio.sleep(seconds)


def reach_sync(name: str) -> None:
    if _armed and (seconds := _reached(name)):
        time.sleep(seconds)
