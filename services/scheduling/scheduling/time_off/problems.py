from chassis.problems import Problem


class AppointmentsInTheWay(Problem):
    """`appointments` lists the first of them and `count` counts them, as `class_sessions` and
    `class_session_count` those that these people teach; `force` keeps them."""

    status, title = 409, "There are appointments or classes in this time"


class RuleRefused(Problem):
    status, title = 422, "The rule does not fit this time off"


class TooMuchTimeOff(Problem):
    status, title = 409, "There is as much time off to come as one business may have"
