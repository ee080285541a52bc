from chassis.problems import Problem


class BookingsAhead(Problem):
    """`bookings` says how many: what becomes of what was paid for them is decided before."""

    status, title = 409, "Cancel what lies ahead first"


class ErasureUnderWay(Problem):
    status, title = 409, "Everything is being erased already"
    constraints = ("one_erasure_a_customer",)
