"""Finished public answers, kept until what they say may have changed."""

import asyncio
from collections import OrderedDict
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import asyncpg

from chassis.clock import Clock
from chassis.runtime import Runtime

CHANNEL = "availability"
"""The database's triggers name here, at each commit, the business whose free time changed."""
KEPT = 2000

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
        self._finished: OrderedDict[Question, Finished] = OrderedDict()
        self._forgotten: dict[UUID, int] = {}
        self._mark = self._all_forgotten = 0
        self._told = False

    def find(self, question: Question, clock: Clock) -> bytes | None:
        found = self._finished.get(question)
        return found.body if found and found.since <= clock() < found.until else None

    def mark(self) -> int:
        """Take it before reading; what changes after it makes the answer unfit to be kept."""
        return self._mark

    def keep(self, question: Question, finished: Finished, mark: int) -> None:
        forgotten = self._forgotten.get(finished.business_id, self._all_forgotten)
        if not self._told or forgotten > mark:
            return
        self._finished[question] = finished
        self._finished.move_to_end(question)
        if len(self._finished) > KEPT:
            self._finished.popitem(last=False)

    def forget(self, business_id: UUID) -> None:
        self._mark += 1
        self._forgotten[business_id] = self._mark
        if len(self._forgotten) > KEPT:
            self._forget_all()
        for question in [q for q, f in self._finished.items() if f.business_id == business_id]:
            del self._finished[question]

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
            await lost.wait()
        finally:
            self._told = False
            self._forget_all()
            connection.terminate()

    def _forget_all(self) -> None:
        self._mark += 1
        self._all_forgotten = self._mark
        self._forgotten.clear()
        self._finished.clear()

    def _hear(self, _connection: object, _pid: int, _channel: str, business_id: object) -> None:
        self.forget(UUID(str(business_id)))
