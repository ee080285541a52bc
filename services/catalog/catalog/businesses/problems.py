from chassis.problems import Problem


class BusinessSlugTaken(Problem):
    status, title = 409, "Another business has this slug"
    constraints = ("uq_businesses_slug",)
