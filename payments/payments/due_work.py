"""What a worker does about money, each kind by itself: a slow provider delays no release."""

from chassis.due_rows import Due
from payments.checkouts import close_what_is_over
from payments.refunding import give_back_what_is_due
from payments.releasing import release_what_is_unpaid
from payments.till import Till


def due_work(till: Till) -> tuple[Due, ...]:
    return release_what_is_unpaid(till), close_what_is_over(till), give_back_what_is_due(till)
