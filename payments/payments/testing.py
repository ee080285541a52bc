"""For tests: Stripe's side of the wire, on a socket of its own."""

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

Form = dict[str, str]
Thing = dict[str, Any]


@asynccontextmanager
async def listening(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """Its address, while it listens."""
    config = uvicorn.Config(app, port=port, log_level="warning", access_log=False, lifespan="on")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            task.result()
            raise AssertionError("The server ended before it began.")
        await asyncio.sleep(0.005)
    try:
        found: int = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{found}"
    finally:
        server.should_exit = True
        await task


class Refused(Exception):
    def __init__(self, status: int, **error: str | None) -> None:
        super().__init__(error)
        self.status, self.error = status, {"type": "invalid_request_error", **error}


@dataclass
class StripeDesk:
    """Speaks Stripe's wire: forms, JSON, idempotency keys, error objects, signed messages."""

    secret_key: str = "sk_test_desk"  # noqa: S105
    webhook_secret: str = "whsec_desk"  # noqa: S105
    sessions: dict[str, Thing] = field(default_factory=dict)
    payments: dict[str, Thing] = field(default_factory=dict)
    refunds: dict[str, Thing] = field(default_factory=dict)
    calls: list[tuple[str, Form, str | None]] = field(default_factory=list)
    """Path, form and idempotency key of every request, replays too."""
    failures: list[int] = field(default_factory=list)
    """Statuses to answer the next requests with, instead of doing anything."""
    lost: int = 0
    """How many of the next answers get lost on their way, after what was asked has been done."""
    now: Callable[[], float] = time.time
    """Epoch seconds, where its caller's clock has been moved."""
    remembered: dict[str | None, tuple[Form, Thing]] = field(default_factory=dict)
    """By idempotency key."""

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/v1/{path:path}", self.serve, methods=["POST"])])

    async def serve(self, request: Request) -> JSONResponse:
        form = dict(parse_qsl((await request.body()).decode()))
        key = request.headers.get("idempotency-key")
        path = request.path_params["path"]
        self.calls.append((path, form, key))
        if self.failures:
            status = self.failures.pop(0)
            return JSONResponse({"error": {"type": "api_error"}}, status)
        try:
            self.check(request.headers.get("authorization"), form, key)
            replayed = key in self.remembered
            answer = self.remembered[key][1] if replayed else self.work(path, form)
        except Refused as refusal:
            return JSONResponse({"error": refusal.error}, refusal.status)
        if key is not None:
            self.remembered[key] = form, answer
        if self.lost:
            self.lost -= 1
            return JSONResponse({"error": {"type": "api_error"}}, 500)
        told = {"Idempotent-Replayed": "true"} if replayed else {}
        return JSONResponse(answer, 200, told | {"Request-Id": "req_" + secrets.token_hex(4)})

    def check(self, authorization: str | None, form: Form, key: str | None) -> None:
        if authorization != f"Bearer {self.secret_key}":
            raise Refused(401)
        if key in self.remembered and self.remembered[key][0] != form:
            raise Refused(400, type="idempotency_error")

    def work(self, path: str, form: Form) -> Thing:
        match path.split("/"):
            case ["checkout", "sessions"]:
                return self.open_session(form)
            case ["checkout", "sessions", session_id, "expire"]:
                return self.expire(session_id)
            case ["refunds"]:
                return self.give_back(form)
        raise Refused(404, code="resource_missing")

    def open_session(self, form: Form) -> Thing:
        lives = int(form["expires_at"]) - self.now()
        if not 30 * 60 <= lives <= 24 * 3600:
            raise Refused(400, param="expires_at", message="between 30 minutes and 24 hours")
        price = "line_items[0][price_data]"
        if int(form[f"{price}[unit_amount]"]) < 50:
            raise Refused(400, code="amount_too_small", message="at least 50 cents")
        id_ = "cs_test_" + secrets.token_hex(8)
        self.sessions[id_] = {
            "id": id_,
            "object": "checkout.session",
            "url": f"https://checkout.stripe.test/{id_}",
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "amount_total": int(form[f"{price}[unit_amount]"]),
            "currency": form[f"{price}[currency]"],
            "client_reference_id": form["client_reference_id"],
            "metadata": {"reference": form["metadata[reference]"]},
        }
        return self.sessions[id_]

    def expire(self, session_id: str) -> Thing:
        session = self.sessions.get(session_id)
        if session is None:
            raise Refused(404, code="resource_missing", message="No such session")
        if session["status"] != "open":
            raise Refused(400, message="Only sessions with status open can be expired")
        session["status"] = "expired"
        return session

    def give_back(self, form: Form) -> Thing:
        payment = self.payments.get(form["payment_intent"])
        if payment is None:
            raise Refused(404, code="resource_missing", message="No such payment_intent")
        left = payment["amount"] - payment["amount_refunded"]
        if not left:
            raise Refused(400, code="charge_already_refunded", message="Already refunded")
        wanted = int(form.get("amount", left))
        if wanted > left:
            raise Refused(400, param="amount", message="Greater than the unrefunded amount")
        payment["amount_refunded"] += wanted
        id_ = "re_" + secrets.token_hex(8)
        self.refunds[id_] = {"id": id_, "object": "refund", "status": "succeeded", **payment}
        self.refunds[id_]["reference"] = form["metadata[reference]"]
        return self.refunds[id_]

    def pay(self, session_id: str) -> Thing:
        """The payer's part; answers with the message that Stripe would send."""
        session = self.sessions[session_id]
        payment_id = "pi_" + secrets.token_hex(8)
        session |= {"status": "complete", "payment_status": "paid", "payment_intent": payment_id}
        self.payments[payment_id] = {
            "amount": session["amount_total"],
            "amount_refunded": 0,
            "currency": session["currency"],
            "payment_intent": payment_id,
            "metadata": session["metadata"],
        }
        return message("checkout.session.completed", session)

    def signed(self, told: Thing, at: float | None = None) -> tuple[bytes, dict[str, str]]:
        """The body and headers of a message as Stripe documents them."""
        body = json.dumps(told).encode()
        seconds = int(time.time() if at is None else at)
        secret, text = self.webhook_secret.encode(), b"%d.%s" % (seconds, body)
        digest = hmac.new(secret, text, hashlib.sha256).hexdigest()
        return body, {"stripe-signature": f"t={seconds},v1={digest},v0=irrelevant"}


def message(kind: str, thing: Thing) -> Thing:
    id_ = "evt_" + secrets.token_hex(8)
    return {"id": id_, "object": "event", "type": kind, "data": {"object": dict(thing)}}
