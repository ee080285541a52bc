"""What the worker does about deposits."""

from payments.loops import loops_of
from scheduling.deposits.till import TILL

DEPOSITS = loops_of(TILL)
