from chassis.problems import Problem


class InvitationEnded(Problem):
    status, title = 410, "This invitation was used, withdrawn or has expired"


class NameNeeded(Problem):
    status, title = 422, "You are new here: say your name and choose a password"


class AlreadyInvited(Problem):
    status, title = 409, "This e-mail was invited at the same moment"
    constraints = ("one_open_invitation_an_email",)
