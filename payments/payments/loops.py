"""What a worker does about money, each by itself: a slow provider delays no release."""

from chassis.runtime import Loop
from payments.checkouts import close_what_is_over
from payments.refunding import give_back_what_is_due
from payments.releasing import release_what_is_unpaid
from payments.till import Till


def loops_of(till: Till) -> tuple[Loop, ...]:
    return release_what_is_unpaid(till), close_what_is_over(till), give_back_what_is_due(till)
