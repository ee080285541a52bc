"""Owners are asked outside any transaction, and their no is passed on as they said it."""

from typing import Any, TypeVar
from uuid import UUID, uuid4, uuid5

from chassis.problems import Problem
from chassis.requests import Refused, ask
from chassis.runtime import Runtime
from contracts.request import Reply, Request
from portal.portal_sessions.queries import Client

REPEATED = UUID("5b2f0f6a-5a37-4b0e-9a76-54e1a9b2d3c4")

ReplyT = TypeVar("ReplyT", bound=Reply)


class OwnerRefused(Problem):
    """Says what the owner said: its type, its status and its reasons."""

    status, title = 409, "This cannot be done"

    def __init__(self, said: dict[str, Any]) -> None:
        super().__init__(said.get("detail"))
        self.said = said
        self.status = int(said.get("status", 409))  # type: ignore[misc]

    def details(self) -> dict[str, Any]:
        return self.said


async def ask_owner(runtime: Runtime, request: Request, reply_type: type[ReplyT]) -> ReplyT:
    try:
        return await ask(runtime, request, reply_type)
    except Refused as refused:
        raise OwnerRefused(refused.details) from refused


def request_id(client: Client, idempotency_key: str | None) -> UUID:
    """The same for the same key: the owner does it once, and answers alike."""
    if idempotency_key is None:
        return uuid4()
    return uuid5(REPEATED, f"{client.business_id} {client.id} {idempotency_key}")
