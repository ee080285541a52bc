"""The parameters of the one statement about people's time, to which each feature adds its `PART`.

The statement is built once: building it for every question took longer than answering it.
"""

from sqlalchemy import ARRAY, Date, DateTime, String, Uuid, bindparam, func
from sqlalchemy.dialects.postgresql import TSTZRANGE

BUSINESS = bindparam("business_id", type_=Uuid)
STAFF = func.any(bindparam("staff_ids", type_=ARRAY(Uuid)))
AROUND = bindparam("around", type_=TSTZRANGE)
"""The range, and as much around it as anything reaches into it from outside."""
WALL_BEGINS = bindparam("wall_begins", type_=DateTime(timezone=False))
WALL_ENDS = bindparam("wall_ends", type_=DateTime(timezone=False))
"""The same on the wall clock, and a day more."""
FIRST, LAST = bindparam("first", type_=Date), bindparam("last", type_=Date)
"""Local dates whose working hours may reach into the range."""
NOW = bindparam("now", type_=DateTime(timezone=True))
HOLDER = bindparam("holder", type_=String)
"""Whose holds do not count; empty: every hold counts."""
EXCEPT_FOR = bindparam("except_for", type_=Uuid)
"""A claim that is about to move; the nil UUID: none is."""
