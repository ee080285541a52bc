from chassis.problems import Problem


class PageSlugTaken(Problem):
    status, title = 409, "Another booking page has this slug"
    constraints = ("one_page_a_slug",)


class UnknownService(Problem):
    """`service_ids` lists those that are not there."""

    status, title = 404, "No such service"
