from chassis.problems import Problem


class NotSignedIn(Problem):
    """There is no session, or it has ended."""

    status, title = 401, "Sign in first"
