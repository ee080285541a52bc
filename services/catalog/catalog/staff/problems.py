from chassis.problems import Problem


class StaffMemberInUse(Problem):
    """`bookings` says how many still lie ahead."""

    status, title = 409, "Future bookings depend on this staff member"
