from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSON, Range, aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute

from scheduling.claims.models import Claim, ClaimedFor, is_live


def part(
    business_id: UUID,
    staff_ids: Collection[UUID],
    begins: datetime,
    ends: datetime,
    now: datetime,
    *,
    holder: str | None = None,
    except_for: UUID | None = None,
) -> Select[str, UUID, Any]:
    """One row a person: the live claims that touch the range, as columns of epoch seconds."""
    begin = func.lower(Claim.during)
    statement = (
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
            Claim.business_id == business_id,
            Claim.staff_id.in_(staff_ids),
            Claim.during.overlaps(Range(begins, ends, bounds="[)")),
            is_live(now),
        )
        .group_by(Claim.staff_id)
    )
    if holder is not None:
        statement = statement.where(Claim.holder.is_distinct_from(holder))
    if except_for is not None:
        statement = statement.where(Claim.id != except_for)
    return statement


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
