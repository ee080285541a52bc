from chassis.problems import Problem


class QuietHoursRefused(Problem):
    status, title = 422, "Quiet hours have a beginning and an end, or neither"
