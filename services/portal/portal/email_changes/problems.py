from chassis.problems import Problem


class ChangeGone(Problem):
    """`because` says whether it was `used`, `replaced` by a newer one or has `expired`."""

    status, title = 410, "This link is not good any more; ask for the change again"


class SameEmail(Problem):
    status, title = 409, "This is the address already"
