from chassis.problems import Problem


class NotHeld(Problem):
    """`reason` is the problem that whoever keeps machines and credits has with it."""

    status, title = 409, "A machine or a credit that it needs cannot be had"


class SignInToUseCredits(Problem):
    """A name and an e-mail are not enough to spend somebody's credits."""

    status, title = 422, "This is paid for with credits: sign in, or ask the studio, to book it"


class NotPayableSo(Problem):
    """`credit_cost` and `price_cents` say what it costs."""

    status, title = 422, "This service is not paid for in this way"


class MovedOneByOne(Problem):
    """Each needs a machine or a credit of its own at another time."""

    status, title = 422, "Appointments of a series that need machines or credits are moved singly"
