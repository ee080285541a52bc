"""Who asks: a browser that shows a page to somebody, or a program that reads JSON."""

import re

from fastapi import Response
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.routing import Match
from starlette.types import Scope

QUALITY = re.compile(r"\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", re.IGNORECASE)
BY_ACCEPT = {"Vary": "Accept"}


def prefers_page(headers: Headers) -> bool:
    """JSON is what everybody gets who does not prefer HTML to it (RFC 9110, 12.5.1)."""
    accepted = ",".join(headers.getlist("accept"))
    return quality(accepted, "text/html") > quality(accepted, "application/json")


def quality(accepted: str, media_type: str) -> float:
    """Of the range that names it most exactly."""
    ranges = [media_type, media_type.partition("/")[0] + "/*", "*/*"]
    wanted: dict[str, float] = {}
    for one in accepted.split(","):
        name, *parameters = one.split(";")
        found = [match for each in parameters if (match := QUALITY.fullmatch(each))]
        wanted[name.strip().lower()] = float(found[0][1]) if found else 1.0
    return next((wanted[name] for name in ranges if name in wanted), 0.0)


def said_by_accept(response: Response) -> None:
    """For the JSON that stands beside a page."""
    response.headers.update(BY_ACCEPT)


class PageRoute(APIRoute):
    """Beside a route of the same path, and before it: whoever prefers no page goes on to that."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if not prefers_page(Headers(scope=scope)):
            return Match.NONE, {}
        return super().matches(scope)
