from chassis.problems import Problem


class SlotTaken(Problem):
    status, title = 409, "The time is no longer free"
    constraints = ("one_claim_at_a_time",)


class OutsideWorkingHours(Problem):
    status, title = 422, "Nobody works at this time"


class OnTimeOff(Problem):
    status, title = 409, "The staff member is off at this time"


class DailyLimitReached(Problem):
    status, title = 409, "The staff member takes no more bookings on this day"


class NotOffered(Problem):
    status, title = 422, "Bookings do not begin at this time"


class TooShortNotice(Problem):
    status, title = 422, "It is too late to book this time"


class BeyondHorizon(Problem):
    status, title = 422, "It is too early to book this day"


class NobodyOffersThis(Problem):
    status, title = 422, "This staff member does not offer this service"


class AnswersRefused(Problem):
    """`answers` says per question what is wrong."""

    status, title = 422, "Some questions are not answered as they ask"


class IllegalTransition(Problem):
    status, title = 409, "The appointment is not in a state that allows this"


class StillSettling(Problem):
    """Booked or changed just now: a machine or a credit for that is still being asked for."""

    status, title = 409, "The last change of this appointment is not settled yet"


class NotYetBegun(Problem):
    """What is still to come is neither completed nor missed; `starts_at` says when it begins."""

    status, title = 409, "The appointment has not begun yet"


class LengthRefused(Problem):
    status, title = 422, "An appointment lasts from one minute to 24 hours"


class CustomerIsKnown(Problem):
    """Whose name, e-mail and phone are the customer's own: change them there."""

    status, title = 409, "The appointment is a known customer's"
