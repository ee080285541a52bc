from chassis.problems import Problem


class StillBeingSent(Problem):
    status, title = 409, "This message is still being sent"
