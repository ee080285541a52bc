"""Finished public answers, kept until what they say may have changed."""

import asyncio
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import asyncpg

from chassis.clock import Clock
from chassis.outbox import wait
from chassis.runtime import Runtime

CHANNEL = "availability"
"""The database's triggers name here, at each commit, the business whose free time changed."""
MOST = 2000
MOST_BYTES = 64 * 1024 * 1024
BIG_BYTES = 512 * 1024
"""Two months of many people are rarely asked for twice."""
BUSINESSES = 10_000
CHECK_SECONDS = 5
"""A line that has silently died is noticed within so long."""

Question: TypeAlias = tuple[str, bytes]
"""Path and query, as they came."""


class Finished(NamedTuple):
    body: bytes
    business_id: UUID
    since: datetime
    until: datetime


class FinishedAnswers:
    """Nothing is kept while nobody tells us of changes: a kept answer is never older than that.

    Booking does not look here; it decides by the database.
    """

    def __init__(self) -> None:
        self._finished: dict[Question, Finished] = {}
        self._forgotten: dict[UUID, int] = {}
        self._mark = self._all_forgotten = 0
        self._bytes = 0
        self._told = False

    def find(self, question: Question, clock: Clock) -> bytes | None:
        found = self._finished.get(question)
        return found.body if found and found.since <= clock() < found.until else None

    def mark(self) -> int:
        """Take it before reading; what changes after it makes the answer unfit to be kept."""
        return self._mark

    def keep(self, question: Question, finished: Finished, mark: int) -> None:
        forgotten = self._forgotten.get(finished.business_id, self._all_forgotten)
        if not self._told or forgotten > mark or len(finished.body) > BIG_BYTES:
            return
        self._drop(question)
        self._finished[question] = finished
        self._bytes += len(finished.body)
        while self._bytes > MOST_BYTES or len(self._finished) > MOST:
            self._drop(next(iter(self._finished)))

    def forget(self, business_id: UUID) -> None:
        self._mark += 1
        self._forgotten[business_id] = self._mark
        if len(self._forgotten) > BUSINESSES:
            self._forget_all()
        for question in [q for q, f in self._finished.items() if f.business_id == business_id]:
            self._drop(question)

    def _drop(self, question: Question) -> None:
        if dropped := self._finished.pop(question, None):
            self._bytes -= len(dropped.body)

    def after_commit(self, info: dict[Any, Any]) -> None:
        """What this process changed it forgets at once, without waiting to be told."""
        if info.get("writes") and "business_id" in info:
            self.forget(info["business_id"])

    async def follow(self, runtime: Runtime) -> None:
        """Listen for ever to what any process changes."""
        runtime.sessions.after_commit = self.after_commit
        connection = await asyncpg.connect(runtime.settings.database_url, timeout=5)
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, self._hear)
            self._told = True
            while not lost.is_set():
                await connection.execute("SELECT 1", timeout=CHECK_SECONDS)
                await wait(lost, CHECK_SECONDS)
        finally:
            self._told = False
            self._forget_all()
            connection.terminate()

    def _forget_all(self) -> None:
        self._mark += 1
        self._all_forgotten = self._mark
        self._forgotten.clear()
        self._finished.clear()
        self._bytes = 0

    def _hear(self, _connection: object, _pid: int, _channel: str, business_id: object) -> None:
        self.forget(UUID(str(business_id)))
