"""Optimistic concurrency by ETag and If-Match (RFC 9110, 13.1.1)."""

import re
from typing import Annotated, Any

from fastapi import Depends, Header, Response

from chassis.problems import InvalidRequest, PreconditionRequired, Stale

ANY = -1


async def version_seen(if_match: Annotated[str | None, Header()] = None) -> int | None:
    if if_match is None:
        return None
    if if_match.strip() == "*":
        return ANY
    if not (tag := re.fullmatch(r'"(\d{1,9})"', if_match.strip())):
        raise InvalidRequest('If-Match is an ETag that was read here, such as "3", or *.')
    return int(tag[1])


async def required_version(seen: "VersionSeen") -> int:
    if seen is None:
        raise PreconditionRequired
    return seen


VersionSeen = Annotated[int | None, Depends(version_seen)]
"""The version the caller saw, where saying so is optional."""
RequiredVersion = Annotated[int, Depends(required_version)]


def check_version(current: int, seen: int | None, state: dict[str, Any] | None = None) -> None:
    """Raises Stale, with the current state for a screen to show, unless the caller saw it."""
    if seen not in (None, ANY, current):
        members: dict[str, Any] = {"current": state} if state else {}
        raise Stale(current_version=current, **members)


def tag(response: Response, version: int) -> None:
    response.headers["ETag"] = f'"{version}"'
