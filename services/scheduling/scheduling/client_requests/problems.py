from chassis.problems import Problem


class TooLateToMove(Problem):
    """`until` is the last instant at which it would have been possible."""

    status, title = 409, "It is too late to move this appointment"


class AppointmentBegun(Problem):
    """`starts_at` says when."""

    status, title = 409, "The appointment has begun"
