from chassis.problems import Problem


class BookingOver(Problem):
    """The link ends with what it is for."""

    status, title = 410, "This booking is over"


class NotReadyYet(Problem):
    """Whoever has just booked for the first time is being made a customer of; it takes a second."""

    status, title = 503, "Not possible right now, try again"
