from chassis.problems import Problem


class DepositNotAwaited(Problem):
    """`deposit_status` and `appointment_status` say how it stands."""

    status, title = 410, "This deposit cannot be paid any more"


class NotPaidHere(Problem):
    status, title = 503, "Nobody takes payments here at the moment"
