from chassis.problems import Problem


class AlreadyWaiting(Problem):
    status, title = 409, "This person is waiting for the class already"
    constraints = ("one_entry_a_person",)


class NothingToWaitFor(Problem):
    """`free` says how many places there are."""

    status, title = 409, "There is a free place: book it"


class WaitlistClosed(Problem):
    """`closed_at` says since when nobody is promoted any more."""

    status, title = 409, "It is too late to wait for a place"


class NotWaiting(Problem):
    """`waitlist_status` says what has become of the entry."""

    status, title = 409, "The entry is not in the queue any more"


class OfferGone(Problem):
    """`offer_expires_at` says until when it could be accepted."""

    status, title = 410, "The offer is over"


class OrderRefused(Problem):
    """`missing` and `unknown` say how the list differs from the queue."""

    status, title = 409, "The list is not the queue as it stands"
