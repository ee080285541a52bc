"""What the gateway refuses by itself."""

from collections.abc import Iterable
from typing import ClassVar

from chassis.problems import Problem


class MalformedRequest(Problem):
    """It is not forwarded, because two readers might read it in two ways."""

    status, title = 400, "This request is not well formed"
    headers: ClassVar = {"Connection": "close"}


class MethodNotAllowed(Problem):
    status, title = 405, "This method is not known here"

    def __init__(self, methods: Iterable[str]) -> None:
        super().__init__()
        self.headers = {"Allow": ", ".join(sorted(methods))}  # type: ignore[misc]  # Of this one.


class BodyTooSlow(Problem):
    status, title = 408, "The request did not arrive in time"
    headers: ClassVar = {"Connection": "close"}


class BodyTooLarge(Problem):
    status, title = 413, "A request may have 5 MB at most"
    headers: ClassVar = {"Connection": "close"}


class HeadersTooLarge(Problem):
    status, title = 431, "The request has too many or too long headers"
    headers: ClassVar = {"Connection": "close"}
