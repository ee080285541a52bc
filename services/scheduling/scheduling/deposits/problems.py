from payments.problems import NotAwaited


class DepositNotAwaited(NotAwaited):
    """`deposit_status` and `appointment_status` say how it stands."""

    title = "This deposit cannot be paid any more"
