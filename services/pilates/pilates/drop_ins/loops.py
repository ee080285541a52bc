"""What the worker does about drop-ins."""

from payments.loops import loops_of
from pilates.drop_ins.till import TILL

DROP_INS = loops_of(TILL)
