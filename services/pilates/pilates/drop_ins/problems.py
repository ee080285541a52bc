from chassis.problems import Problem
from payments.problems import NotAwaited


class DropInNotAwaited(NotAwaited):
    """`payment_status` and `attendance_status` say how it stands."""

    title = "This drop-in cannot be paid any more"


class PaidTogether(Problem):
    """Money goes back as a whole: `attendance_ids` are the places that one payment is for."""

    status, title = 409, "These places are paid for together: none of them goes by itself"
