from chassis.problems import Problem


class SessionNotOpen(Problem):
    """It is a draft, is being published, or was cancelled: `session_status` says which."""

    status, title = 409, "This class cannot be booked"


class SessionBegun(Problem):
    status, title = 409, "The class has begun"


class SessionFull(Problem):
    """Members say why: capacity, what of it can be used, what is taken, offered and waited for."""

    status, title = 409, "There are not enough free places"


class SpotTaken(Problem):
    status, title = 409, "Somebody else has this spot"
    constraints = ("one_attendance_a_spot",)


class NoSuchSpot(Problem):
    status, title = 422, "The class has no such spot, or it is out of service"


class AlreadyBooked(Problem):
    """`person` has a place at the same time; `attendance_id` says which, if it is to be known."""

    status, title = 409, "Nobody can be in two places at the same time"
    constraints = ("one_place_at_a_time",)


class PartyTooLarge(Problem):
    status, title = 422, "A party of this size is not taken"


class SignInToUseCredits(Problem):
    """A name and an e-mail are not enough to spend somebody's credits."""

    status, title = 422, "This class is paid for with credits: sign in to book it"


class NotPayableSo(Problem):
    status, title = 422, "This class is not paid for in this way"


class PlaceNotHeld(Problem):
    """`attendance_status` says what has become of the place."""

    status, title = 409, "The place is not held any more"


class TooLateToMove(Problem):
    """`until` is when it would still have been possible."""

    status, title = 409, "It is too late to move this place"


class CostsDiffer(Problem):
    status, title = 409, "The other class costs another number of credits: cancel, and book it"


class TooEarlyToRecord(Problem):
    status, title = 409, "The class has not begun yet"
