"""Where every request enters: parsed, routed, limited, authenticated, and only then passed on."""

import time
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.auth import Principal, Verifier
from chassis.http import answer
from chassis.problems import Problem
from gateway import metrics
from gateway.allowances import Allowances
from gateway.bodies import Body, ClientGone
from gateway.callers import Caller, Callers
from gateway.forwarding import forward
from gateway.headers import by_name, for_upstream, with_ours
from gateway.problems import MethodNotAllowed
from gateway.routes import OWN, Route, RouteTable
from gateway.targets import Target, parse_target
from gateway.upstream import Upstream

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


@dataclass
class Gateway:
    """What the process holds while it runs."""

    table: RouteTable
    upstreams: dict[str, Upstream]
    callers: Callers
    allowances: Allowances
    verifier: Verifier
    silence_seconds: float


class Entrance:
    """Pure ASGI around the gateway's own app, so that what is passed on never enters a framework.

    Its own routes go through the same checks.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._own = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._own(scope, receive, send)
            return
        started = time.perf_counter()
        visit = Visit(scope["app"].state.gateway, scope, receive, send)
        try:
            await visit.go_on(self._own)
        except Problem as problem:
            await answer_with(problem, scope, receive, visit.send)
        except ClientGone:
            return
        metrics.answers(visit.service, visit.status).inc()
        if not visit.was_stream:
            metrics.seconds(visit.service).observe(time.perf_counter() - started)


class Visit:
    """One request on its way."""

    def __init__(self, gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
        self._gateway = gateway
        self._scope = scope
        self._receive = receive
        self._send = send
        self.service = "none"
        self.status = 0
        self.was_stream = False
        """Then how long it took says nothing about us."""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = with_ours(message["headers"])
        await self._send(message)

    async def go_on(self, own: ASGIApp) -> None:
        scope, gateway = self._scope, self._gateway
        headers = by_name(scope["headers"])
        body = Body(self._receive, headers, gateway.silence_seconds)
        target = parse_target(scope["raw_path"], scope["query_string"])
        if scope["method"] not in METHODS:
            raise MethodNotAllowed(METHODS)
        caller = gateway.callers.caller(scope, headers)
        route = gateway.table.find(target.segments)
        self.service = route.service
        principal = self._let_in(route, target, caller, headers.get(b"authorization"))
        if route.service == OWN:
            await body.read_whole()
            known = {"caller": caller, "principal": principal}
            scope["state"] = {**scope.get("state", {}), **known}
            await own(scope, body.replay, self.send)
            self.was_stream = scope["state"].get("is_stream", False)
            return
        await forward(
            gateway.upstreams[route.service],
            scope["method"],
            target.path_and_query,
            for_upstream(scope["headers"], headers, caller),
            body,
            self.send,
        )

    def _let_in(
        self, route: Route, target: Target, caller: Caller, authorization: bytes | None
    ) -> Principal | None:
        """Who calls, where that must be known."""
        allowances = self._gateway.allowances
        allowances.take_for_address(caller.network, strict=route.strict)
        if not route.public:
            said = authorization.decode("latin-1") if authorization else None
            principal = self._gateway.verifier.principal(said)
            allowances.take_for_member(principal.member_id, principal.business_id)
            return principal
        if slug := route.slug(target.segments):
            allowances.take_for_page(slug)
        return None


async def answer_with(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    response = answer(problem)
    if "retry_after_seconds" in problem.members:
        response.headers["Retry-After"] = str(problem.members["retry_after_seconds"])
    await response(scope, receive, send)
