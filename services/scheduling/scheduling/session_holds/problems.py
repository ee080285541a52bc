from chassis.problems import Problem


class InstructorArchived(Problem):
    status, title = 409, "This staff member does not teach here any more"


class HoldPassed(Problem):
    """Released, or overtaken by a later version of the same session."""

    status, title = 409, "This hold is over"
