from chassis.problems import Problem


class AddressNotTaken(Problem):
    """`reason` says why nothing is fetched from there."""

    status, title = 422, "No calendar is fetched from this address"


class TooManyCalendars(Problem):
    status, title = 409, "No more than five calendars can be connected"
