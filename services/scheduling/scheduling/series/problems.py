from chassis.problems import Problem


class SeriesRuleRefused(Problem):
    status, title = 422, "This rule does not make a series of appointments"


class SeriesConflicts(Problem):
    """`conflicts` says of each occurrence in the way when it is and why; nothing was written."""

    status, title = 409, "Not every occurrence of the series is possible"


class NotInSeries(Problem):
    status, title = 409, "The appointment is not part of a series"
