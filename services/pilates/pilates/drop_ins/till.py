"""Where drop-ins are paid: the flow is that of `payments`, the decisions are ours."""

from payments.till import Till
from pilates.drop_ins.locked_drop_in import lock
from pilates.drop_ins.models import DropIn, Payment
from pilates.drop_ins.queries import read_paid

TILL = Till("drop-in", "/api/public/drop-ins", DropIn, Payment, lock, read_paid)
