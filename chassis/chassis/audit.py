"""Who changed what: kept per business, in the transaction of the change."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from chassis.auth import Principal
from chassis.database import Base, OfBusiness


class AuditEntry(OfBusiness, Base):
    __tablename__ = "audit_trail"

    actor: Mapped[str]
    """Who did it, such as `member:<id>`."""
    action: Mapped[str]
    subject_id: Mapped[UUID] = mapped_column(index=True)
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    at: Mapped[datetime]


def record(
    session: AsyncSession,
    caller: Principal,
    action: str,
    subject_id: UUID,
    *,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Keep only what differs; `before` and `after` are JSON-ready and hold no secrets."""
    if before is not None and after is not None:
        changed = {key for key in before | after if before.get(key) != after.get(key)}
        before = {key: value for key, value in before.items() if key in changed}
        after = {key: value for key, value in after.items() if key in changed}
    what = {"action": action, "subject_id": subject_id, "before": before, "after": after}
    session.add(AuditEntry(business_id=caller.business_id, actor=caller.actor, at=at, **what))
