from chassis.problems import Problem


class TooManyHolds(Problem):
    """`holds` are the live ones; give one back or wait until it expires."""

    status, title = 409, "You are holding as many times as one guest may"
