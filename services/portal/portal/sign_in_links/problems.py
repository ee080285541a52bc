import math
from datetime import timedelta

from chassis.problems import Problem


class LinkGone(Problem):
    """`because` says whether it was `used`, `replaced` by a newer one or has `expired`."""

    status, title = 410, "This link is not good any more; ask for a new one"


class TooManyLinks(Problem):
    """The same for every address, whether or not it is known."""

    status, title = 429, "Too many links were asked for, wait a little"

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, math.ceil(wait.total_seconds()))
        super().__init__(retry_after_seconds=seconds)
        # Each refusal knows its own end, so it shadows the class's headers.
        self.headers = {"Retry-After": str(seconds)}  # type: ignore[misc]
