from chassis.problems import Problem


class MessageUnderway(Problem):
    status, title = 409, "This message is already on its way"
    constraints = ("told_once",)


class MessageHeldSecret(Problem):
    status, title = 409, "This message held a one-time link; make a new invitation instead"


class MessageOvertaken(Problem):
    status, title = 409, "A later message says otherwise"


class MessageSaidAgain(Problem):
    status, title = 409, "This message has been sent again meanwhile"


class MessageOutdated(Problem):
    status, title = 409, "What this message speaks of is over"


class MessageUnwanted(Problem):
    status, title = 409, "Its reader wants no more such messages"
