"""Kills whoever sends mails, a child of the mailer and the mailer itself in turns."""

import asyncio
import os
import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from stack.testing import RunningStack

MAILER = "notifications-mailer"


@dataclass
class Killer:
    stack: RunningStack
    killed: Counter[str] = field(default_factory=Counter)
    dead: set[int] = field(default_factory=set)

    async def strike(self) -> None:
        """A mailer of threads, as beside PGMQ, has no children: it dies whole."""
        mailer, children = await self.who_works()
        if children and self.killed.total() % 2 == 0:
            self.kill("child", children[-1])
        else:
            self.kill("mailer", mailer)

    def kill(self, who: str, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        self.dead.add(pid)
        self.killed[who] += 1

    async def who_works(self) -> tuple[int, list[int]]:
        """Those that were started since we came by last."""
        forks = self.stack.facts["broker_url"].startswith("amqp")
        while True:
            mailer = self.stack.pid(MAILER)
            children = [pid for pid in children_of(mailer) if pid not in self.dead]
            if mailer not in self.dead and (children or not forks):
                return mailer, children
            await asyncio.sleep(0.01)


def children_of(pid: int) -> list[int]:
    try:
        return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return []
