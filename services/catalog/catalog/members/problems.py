from chassis.problems import Problem


class LastOwner(Problem):
    status, title = 409, "A business keeps at least one owner"


class StaffMemberLinked(Problem):
    status, title = 409, "This staff member belongs to another member"
    constraints = ("one_member_a_staff_member",)


class AlreadyMember(Problem):
    status, title = 409, "This account is a member already"
    constraints = ("one_member_an_account",)
