import math
from datetime import timedelta

from chassis.problems import Problem, Unauthenticated


class WrongCredentials(Unauthenticated):
    status, title = 401, "E-mail and password do not match"


class SignInEnded(Unauthenticated):
    status, title = 401, "This sign-in has ended; sign in again"


class RefreshTokenReused(Unauthenticated):
    status, title = 401, "This refresh token was used before, so its sign-in has ended"


class NotAMember(Problem):
    status, title = 403, "This account is not a member of that business"


class BusinessNotChosen(Problem):
    """`businesses` lists the slugs and names to choose from."""

    status, title = 409, "Say in which business you sign in"


class TooManySignIns(Problem):
    status, title = 429, "Too many failed sign-ins, wait a little"

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, math.ceil(wait.total_seconds()))
        super().__init__(retry_after_seconds=seconds)
        # Each refusal knows its own end, so it shadows the class's headers.
        self.headers = {"Retry-After": str(seconds)}  # type: ignore[misc]
