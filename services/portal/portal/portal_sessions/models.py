import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped

from chassis.database import OfBusiness
from portal.base import Base
from portal.copies.models import Customer

IDLE = timedelta(minutes=30)
LIVES = timedelta(hours=12)
KEPT_LIVES = timedelta(days=30)


class PortalSession(OfBusiness, Base):
    """A customer's signed-in browser."""

    __tablename__ = "portal_sessions"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "customer_id"], [Customer.business_id, Customer.id]),
        Index("ix_portal_sessions_customer", "business_id", "customer_id"),
        Index("ix_portal_sessions_expires_at", "expires_at"),
    )

    customer_id: Mapped[UUID]
    secret_hash: Mapped[str]
    device: Mapped[str]
    """What the browser calls itself, for a list of them to be read by."""
    kept: Mapped[bool]
    """`keep me signed in`: it lives for 30 days, however long nobody uses it."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    def is_live(self, now: datetime) -> bool:
        """Gone iff `now >= expires_at`, or nobody has used it for half an hour."""
        idle = not self.kept and now >= self.seen_at + IDLE
        return self.ended_at is None and now < self.expires_at and not idle

    def expects(self, secret: str) -> bool:
        return secrets.compare_digest(self.secret_hash, digest(secret))


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
