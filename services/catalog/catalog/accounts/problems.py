from chassis.problems import Problem


class EmailTaken(Problem):
    status, title = 409, "An account with this e-mail exists; sign in instead"
    constraints = ("uq_accounts_email",)
