from chassis.problems import Problem


class UnknownOffer(Problem):
    """`service_ids` and `template_ids` list those that are not there."""

    status, title = 404, "No such service or class"
