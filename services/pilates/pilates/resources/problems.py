from chassis.problems import Problem


class RoomTaken(Problem):
    """`taken_by` lists who has it then, with their turnover, or when it is out of service."""

    status, title = 409, "The room is not free at this time"


class MachinesShort(Problem):
    """Of this `kind`, `needed` are asked for and `available` at the worst instant."""

    status, title = 409, "There are not enough machines at this time"


class PropsShort(Problem):
    """Of the prop `resource_id`, `needed` are asked for and `available` at the worst instant."""

    status, title = 409, "There are not enough props at this time"


class ResourceTaken(Problem):
    status, title = 409, "Somebody else has it at this time"
    constraints = ("one_use_at_a_time", "reserved_once")
