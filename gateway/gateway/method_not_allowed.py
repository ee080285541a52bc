"""405 for the gateway's own paths, with all methods that they do have."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import Match

from chassis.http import answer
from gateway.problems import MethodNotAllowed


def name_methods(app: FastAPI) -> None:
    @app.exception_handler(405)
    async def _(request: Request, _error: HTTPException) -> JSONResponse:
        known: set[str] = set()
        for route in iter_route_contexts(app.routes):
            matches, _scope = route.original_route.matches(request.scope)
            if matches is not Match.NONE:
                known |= route.methods or set()
        return answer(MethodNotAllowed(known))
