from typing import ClassVar

from chassis.problems import Problem


class TicketUsedUp(Problem):
    """Also of one that expired or never was: who has none of ours learns no more."""

    status, title = 401, "This ticket is used up or has expired; get another one"
    headers: ClassVar = {"WWW-Authenticate": "Bearer"}


class TooManyStreams(Problem):
    status, title = 429, "This account has as many live calendars open as it may"
    headers: ClassVar = {"Retry-After": "30"}
