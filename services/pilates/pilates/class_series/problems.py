from chassis.problems import Problem


class SeriesRuleRefused(Problem):
    status, title = 422, "This rule cannot be that of a series"


class SeriesConflicts(Problem):
    """`conflicts` lists each occurrence that cannot be had, with the problem that says why."""

    status, title = 409, "Not all of the series is possible"


class NotInSeries(Problem):
    status, title = 409, "The class is in no series"
