from datetime import time

from chassis.problems import Problem


class QuietHoursRefused(Problem):
    status, title = 422, "Quiet hours have a beginning and another end, or neither"


def check_quiet_hours(begins: time | None, ends: time | None) -> None:
    """Raises QuietHoursRefused."""
    if (begins is None) != (ends is None) or (begins is not None and begins == ends):
        raise QuietHoursRefused
