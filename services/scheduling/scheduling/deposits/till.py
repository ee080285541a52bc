"""Where deposits are paid: the flow is that of `payments`, the decisions are ours."""

from payments.till import Till
from scheduling.deposits.locked_deposit import lock
from scheduling.deposits.models import Deposit, Payment
from scheduling.deposits.queries import read_paid

TILL = Till("deposit", "/api/public/deposits", Deposit, Payment, lock, read_paid)
