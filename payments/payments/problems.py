from typing import ClassVar

from chassis.problems import Problem


class ProviderUnreachable(Problem):
    """Nothing was paid, or it is not known whether it was; the same call again is safe."""

    status, title = 503, "The payment provider does not answer, try again"
    headers: ClassVar = {"Retry-After": "5"}


class PaymentRefused(Problem):
    """`code` is the provider's own word for the reason."""

    status, title = 409, "The payment provider does not accept this"


class Forged(Problem):
    status, title = 400, "This message does not come from the payment provider"


class NotAwaited(Problem):
    """A service's own, of this kind, says in its members how what is paid for stands."""

    status, title = 410, "This cannot be paid any more"


class NotPaidHere(Problem):
    status, title = 503, "Nobody takes payments here at the moment"
