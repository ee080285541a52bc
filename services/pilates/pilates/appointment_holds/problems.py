from chassis.problems import Problem


class HoldOver(Problem):
    """Released, or overtaken by a later version of the same appointment."""

    status, title = 409, "This hold of machine and credit is over"
