from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute

from scheduling.claims.models import Claim, ClaimedFor
from scheduling.time_asked_for import AROUND, BUSINESS, EXCEPT_FOR, HOLDER, NOW, STAFF


def seconds(
    moment: ColumnElement[datetime] | InstrumentedAttribute[datetime],
    order: ColumnElement[datetime],
    only: ColumnElement[bool] | None = None,
) -> ColumnElement[Any]:
    whole = cast(func.extract("epoch", moment), BigInteger)
    collected: ColumnElement[Any] = func.array_agg(
        aggregate_order_by(whole, order), type_=ARRAY(BigInteger)
    )
    if only is not None:
        collected = func.coalesce(collected.filter(only), cast([], ARRAY(BigInteger)))
    return func.to_json(collected, type_=JSON)


begin = func.lower(Claim.during)

PART = (
    select(
        literal("claims").label("what"),
        Claim.staff_id,
        func.json_build_object(
            "begins",
            seconds(begin, begin),
            "ends",
            seconds(func.upper(Claim.during), begin),
            "starts",
            seconds(Claim.starts_at, begin, Claim.kind != ClaimedFor.SESSION),
            "changes_at",
            func.extract("epoch", func.min(Claim.expires_at)),
            type_=JSON,
        ).label("payload"),
    )
    .where(
        Claim.business_id == BUSINESS,
        Claim.staff_id == STAFF,
        Claim.during.overlaps(AROUND),
        or_(Claim.expires_at.is_(None), Claim.expires_at > NOW),
        Claim.holder.is_distinct_from(HOLDER),
        Claim.id != EXCEPT_FOR,
    )
    .group_by(Claim.staff_id)
)
"""One row a person: the live claims that touch the range, as columns of epoch seconds."""
