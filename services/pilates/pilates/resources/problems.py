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


class ResourceInUse(Problem):
    """`reservations` lists the first of those that lie ahead, `count` counts them.

    `machines` lists what stands in the room.
    """

    status, title = 409, "It is reserved, or something stands in it"


class LabelTaken(Problem):
    status, title = 409, "Another machine in this room has this label"
    constraints = ("one_label_a_room",)


class TooManyResources(Problem):
    """`most` says how many one business may have."""

    status, title = 409, "There are as many resources as one business may have"


class OutOfServiceAlready(Problem):
    status, title = 409, "It is out of service already at this time"
    constraints = ("one_outage_at_a_time",)


class OutageOver(Problem):
    status, title = 409, "It is back in service already"
