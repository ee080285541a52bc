from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped

from chassis.database import CaseFolded, OfBusiness
from portal.base import Base
from portal.copies.models import Customer
from portal.email_changes.problems import ChangeGone

LIVES = timedelta(hours=24)
LIVE = text("confirmed_at IS NULL AND ended_at IS NULL")


class EmailChange(OfBusiness, Base):
    """A new address that somebody has to confirm who reads its mails."""

    __tablename__ = "email_changes"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "customer_id"], [Customer.business_id, Customer.id]),
        Index(
            "one_live_change_a_customer",
            "business_id",
            "customer_id",
            unique=True,
            postgresql_where=LIVE,
        ),
        Index("ix_email_changes_customer", "business_id", "customer_id", "created_at"),
        Index("ix_email_changes_expires_at", "expires_at"),
    )

    customer_id: Mapped[UUID]
    new_email: Mapped[CaseFolded]
    token_hash: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """By a newer one."""

    def check_live(self, now: datetime) -> None:
        """Raises ChangeGone; it is gone iff `now >= expires_at`."""
        if self.confirmed_at is not None:
            raise ChangeGone(because="used")
        if self.ended_at is not None:
            raise ChangeGone(because="replaced")
        if now >= self.expires_at:
            raise ChangeGone(because="expired")
