from chassis.problems import Problem


class NoteTitleTaken(Problem):
    status, title = 409, "Another note has this title"
    constraints = ("one_note_a_title",)


class NoteRefused(Problem):
    status, title = 409, "This note is refused after it was written"
