from chassis.problems import Problem


class StalePlan(Problem):
    """`plan` is how it would be now, with its own token."""

    status, title = 409, "Something in the plan has changed since: look at it again"


class ChangeConflicts(Problem):
    """`conflicts` lists each session that cannot be changed so, with the problem that says why."""

    status, title = 409, "Not all of the sessions can be changed so"


class TooManySessions(Problem):
    status, title = 422, "These are too many sessions to change at once"
