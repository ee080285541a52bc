"""The HTTP door: one transaction per request, committed before the answer leaves."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException

from chassis import idempotency, settlement
from chassis.database import in_transaction
from chassis.problems import InvalidRequest, NotFound, Problem, ProblemDetails
from chassis.runtime import Runtime

log = structlog.get_logger()

Endpoint = Callable[[Request], Awaitable[Response]]


class TransactionalRoute(APIRoute):
    """Runs the whole request (parse, decide, render) inside one transaction.

    A dependency could commit before the response leaves, but it could not run the request again
    after a deadlock, nor store the rendered answer under its Idempotency-Key with the work.
    """

    def get_route_handler(self) -> Any:
        handle: Endpoint = super().get_route_handler()

        async def handle_in_transaction(request: Request) -> Response:
            async def work(session: AsyncSession) -> Response:
                request.state.session = session
                session.info["writes"] = request.method not in ("GET", "HEAD")
                return await idempotency.once(request, session, handle)

            accepted = await in_transaction(request.app.state.runtime.sessions, work)
            return await settlement.settled(request, accepted)

        return handle_in_transaction


class Router(APIRouter):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{"route_class": TransactionalRoute} | options)


# Asynchronous, though they wait for nothing: FastAPI sends each other one through a thread.
async def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


async def _session(request: Request) -> AsyncSession:
    session: AsyncSession = request.state.session
    return session


async def _now(runtime: Annotated[Runtime, Depends(_runtime)]) -> datetime:
    return runtime.clock()


async def _settling(request: Request) -> settlement.Settling:
    return partial(setattr, request.state, "settle")


Session = Annotated[AsyncSession, Depends(_session)]
Now = Annotated[datetime, Depends(_now)]
Process = Annotated[Runtime, Depends(_runtime)]
Settling = Annotated[settlement.Settling, Depends(_settling)]


def problems(*types: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Document the problems a route may answer with."""
    documented: dict[int | str, dict[str, Any]] = {}
    for problem in types:
        entry = documented.setdefault(problem.status, {"model": ProblemDetails, "description": ""})
        entry["description"] = " / ".join(filter(None, (entry["description"], problem.title)))
    return documented


def answer(problem: Problem) -> JSONResponse:
    return details(problem.details(), problem.headers)


def details(members: dict[str, Any], headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(members, members["status"], headers, "application/problem+json")


def handle_problems(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def _(_request: Request, problem: Problem) -> JSONResponse:
        return answer(problem)

    @app.exception_handler(RequestValidationError)
    async def _(_request: Request, error: RequestValidationError) -> JSONResponse:
        # A malformed id in the path is an id that does not exist.
        if any(found["loc"][0] == "path" for found in error.errors()):
            return answer(NotFound())
        errors = [
            {"pointer": "#/" + "/".join(map(str, found["loc"])), "detail": found["msg"]}
            for found in error.errors()
        ]
        return answer(InvalidRequest(errors=errors))

    @app.exception_handler(HTTPException)
    async def _(_request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == NotFound.status:
            return answer(NotFound())
        known = {"type": "about:blank", "title": error.detail, "status": error.status_code}
        return details(known, error.headers)

    @app.exception_handler(Exception)
    async def _(request: Request, error: Exception) -> JSONResponse:
        path = getattr(request.scope.get("route"), "path", None)
        log.error("Defect", path=path, exc_info=error)
        return details({"type": "about:blank", "title": "A defect on our side", "status": 500})
