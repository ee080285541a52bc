"""Who may come in: everything needs a token but what is listed here."""

from typing import Any

import httpx2
import pytest

from stack.testing import RunningStack
from tests.openapi import Operation, operations

OPEN_TO_ALL = {
    "POST /api/auth/sign-up",
    "POST /api/auth/sign-in",
    "POST /api/auth/refresh",
    "POST /api/members/invitations/accept",
    "GET /api/booking-pages/configuration-schema",
    "GET /api/public/booking/{slug}",
    "GET /api/public/booking/{slug}/availability",
    "POST /api/public/booking/{slug}/appointments",
    "GET /api/public/booking/{slug}/appointments/{appointment_id}",
    "POST /api/public/booking/{slug}/holds",
    "GET /api/public/booking/{slug}/holds",
    "DELETE /api/public/booking/{slug}/holds/{hold_id}",
    "GET /feeds/{file}",
    "GET /api/public/deposits/{secret}",
    "POST /api/public/deposits/{secret}/checkout",
    "GET /api/public/deposits/{secret}/pay",
    "POST /api/webhooks/payments/{provider}",
    "GET /api/public/booking/{slug}/class-sessions",
    "POST /api/public/booking/{slug}/attendances",
    "GET /api/public/drop-ins/{secret}",
    "POST /api/public/drop-ins/{secret}/checkout",
    "GET /api/public/drop-ins/{secret}/pay",
    "POST /api/webhooks/class-payments/{provider}",
    "GET /api/portal/{slug}/page",
    "POST /api/portal/{slug}/magic-links",
    "POST /api/portal/session",
    "POST /api/portal/profile/email-changes/confirm",
    "GET /api/portal/feeds/{token}.ics",
    # Whoever holds the signed link of one booking.
    "GET /api/portal/manage/{link}",
    "GET /api/portal/manage/{link}/slots",
    "POST /api/portal/manage/{link}/cancel",
    "POST /api/portal/manage/{link}/reschedule",
    "POST /api/portal/manage/{link}/{answer}",
    # Whoever has the mail that the signed link is in (RFC 8058).
    "GET /api/public/unsubscribe/{token}",
    "POST /api/public/unsubscribe/{token}",
    "POST /api/public/unsubscribe/{token}/undo",
}
"""Whoever opens another door to strangers says so here."""

SENT_AWAY = ("/problems/unauthenticated", "/problems/not-signed-in")
"""A member, or a client of the portal."""
SERVICES = ("catalog", "scheduling", "pilates", "portal", "notifications")
NOT_TOKENS = (
    {},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer not.a.token"},
    {"Authorization": "Basic b3duZXI6cGFzc3dvcmQ="},
    # Signed by nobody: {"alg": "none"} and the claims of an owner.
    {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJib29rbHkiLCJyb2xlIjoib3duZXIifQ."},
)


async def document_of(http: httpx2.AsyncClient, path: str) -> dict[str, Any]:
    answer = await http.get(path)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def let_in(http: httpx2.AsyncClient, document: dict[str, Any]) -> list[str]:
    """Operations, beyond the open ones, that did not send every stranger away."""
    wrong = []
    for operation in closed(document):
        for headers in NOT_TOKENS:
            answer = await http.request(operation.method, operation.filled(), headers=headers)
            refusal = answer.json() if answer.status_code == 401 else {}
            if refusal.get("type") not in SENT_AWAY:
                wrong.append(f"{operation} {headers}: {answer.status_code} {answer.text[:200]}")
    return wrong


def closed(document: dict[str, Any]) -> list[Operation]:
    return [one for one in operations(document) if str(one) not in OPEN_TO_ALL]


async def test_strangers_find_these_doors_open_and_no_other(gateway: httpx2.AsyncClient) -> None:
    document = await document_of(gateway, "/api/openapi.json")
    assert document["x-unavailable"] == []
    assert {str(one) for one in operations(document) if one.is_public} == OPEN_TO_ALL


async def test_every_other_operation_sends_strangers_away(gateway: httpx2.AsyncClient) -> None:
    document = await document_of(gateway, "/api/openapi.json")
    assert len(closed(document)) > 30
    assert await let_in(gateway, document) == []


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_sends_them_away_by_itself(stack: RunningStack, service: str) -> None:
    async with httpx2.AsyncClient(
        base_url=f"http://127.0.0.1:{stack.facts['ports'][service]}"
    ) as http:
        assert await let_in(http, await document_of(http, "/openapi.json")) == []
