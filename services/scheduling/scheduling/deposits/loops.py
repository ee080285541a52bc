"""What the worker does about deposits, each by itself: a slow provider delays no release."""

from scheduling.deposits.checkouts import close_what_is_over
from scheduling.deposits.refunding import give_back_what_is_due
from scheduling.deposits.releasing import release_what_is_unpaid

DEPOSITS = (release_what_is_unpaid, close_what_is_over, give_back_what_is_due)
