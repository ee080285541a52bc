"""Places where a test may stop, delay or kill a process. Unarmed, they cost one dict look-up."""

import asyncio
import fcntl
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from chassis.settings import ProcessSettings

UNLIMITED = 2**31


class FailpointReached(RuntimeError):
    pass


@dataclass(frozen=True)
class Failpoint:
    name: str
    action: str
    seconds: float
    times: int
    counter: Path
    """Shared by all processes and kept over restarts, so that a kill does not repeat for ever."""

    def fires(self) -> bool:
        self.counter.parent.mkdir(parents=True, exist_ok=True)
        with self.counter.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            fired = int(file.read() or 0)
            if fired >= self.times:
                return False
            file.truncate(0)
            file.write(str(fired + 1))
        return True


_armed: dict[str, Failpoint] = {}


def parse(specification: str, home: Path) -> dict[str, Failpoint]:
    """`<name>:<kill9|raise|sleep=S>[:N]`, several separated by commas."""
    points = {}
    for entry in filter(None, map(str.strip, specification.split(","))):
        name, action, *times = entry.split(":")
        action, _, seconds = action.partition("=")
        if action not in ("kill9", "raise", "sleep"):
            raise ValueError(f"Unknown failpoint action {action!r} in {entry!r}")
        default = UNLIMITED if action == "sleep" else 1
        points[name] = Failpoint(
            name=name,
            action=action,
            seconds=float(seconds or 0),
            times=int(times[0]) if times else default,
            counter=home / "failpoints" / name,
        )
    return points


def arm(settings: ProcessSettings) -> None:
    _armed.clear()
    for name, point in parse(settings.failpoint, settings.home or Path()).items():
        service, _, bare = name.rpartition(".")
        if service in ("", settings.service):
            _armed[bare] = point


def _reached(name: str) -> float:
    point = _armed.get(name)
    if point is None or not point.fires():
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
