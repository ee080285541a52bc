from chassis.problems import Problem


class InstructorNotFree(Problem):
    """`reason` is the problem that whoever keeps the instructor's time has with it."""

    status, title = 409, "The instructor cannot take this time"


class StillSettling(Problem):
    """Published or changed just now, and its instructor is still being asked for."""

    status, title = 409, "The last change of this class is not settled yet"


class IllegalSessionChange(Problem):
    """`session_status` says what it is."""

    status, title = 409, "The class is not in a state that allows this"


class SessionOver(Problem):
    status, title = 409, "The class is over at this time"


class CapacityBelowBooked(Problem):
    """`booked` places are taken, and `offered` kept for those who have an offer."""

    status, title = 409, "More places are taken than the class is to have"


class SessionHasPlaces(Problem):
    status, title = 409, "Somebody has booked this class: cancel it, so that they hear of it"
