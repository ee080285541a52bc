"""Expected failures, named. The client gets them as RFC 9457 problem details."""

import re
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class ProblemDetails(BaseModel):
    """RFC 9457; extension members carry the reasons."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str | None = None


class Problem(Exception):
    """Subclass one per failure and raise it anywhere."""

    status: ClassVar[int]
    title: ClassVar[str]
    uri: ClassVar[str]
    constraints: ClassVar[tuple[str, ...]] = ()
    """Database constraints whose violation means this problem."""
    headers: ClassVar[dict[str, str]] = {}

    by_constraint: ClassVar[dict[str, type["Problem"]]] = {}

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.members = members

    def __init_subclass__(cls) -> None:
        cls.uri = "/problems/" + re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        Problem.by_constraint |= dict.fromkeys(cls.constraints, cls)

    def details(self) -> dict[str, Any]:
        known = {"type": self.uri, "title": self.title, "status": self.status}
        return known | ({"detail": self.detail} if self.detail else {}) | self.members


class InvalidRequest(Problem):
    status, title = 422, "The request is not valid"


class Unauthenticated(Problem):
    status, title = 401, "Sign in first"
    headers: ClassVar = {"WWW-Authenticate": "Bearer"}


class Forbidden(Problem):
    status, title = 403, "You are not allowed to do this"


class NotFound(Problem):
    """Unknown, malformed or another tenant's: the answers are equal to the byte."""

    status, title = 404, "There is no such thing here"


class Stale(Problem):
    status, title = 412, "It has changed since you read it"


class PreconditionRequired(Problem):
    status, title = 428, "Say in If-Match which version you are changing"


class TooManyRequests(Problem):
    status, title = 429, "Too many requests, wait a little"
    headers: ClassVar = {"Retry-After": "5"}


class TryAgain(Problem):
    """Nothing was written, or it is not known whether it was; an Idempotency-Key makes it safe."""

    status, title = 503, "Not possible right now, try again"
    headers: ClassVar = {"Retry-After": "1"}
