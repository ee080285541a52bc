from chassis.problems import Problem


class ServiceInUse(Problem):
    """`bookings` says how many still lie ahead."""

    status, title = 409, "Future bookings depend on this service"


class ServiceNameTaken(Problem):
    status, title = 409, "Another service has this name"
    constraints = ("one_service_a_name",)


class UnknownStaffMember(Problem):
    """`staff_ids` lists those that are not there, or not any more."""

    status, title = 404, "No such staff member"
    constraints = ("fk_offers_staff_members",)
