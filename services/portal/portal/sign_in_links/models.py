from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped

from chassis.database import CaseFolded, OfBusiness
from portal.base import Base
from portal.copies.models import Customer
from portal.sign_in_links.problems import LinkGone

LIVES = timedelta(minutes=15)
LIVE = text("consumed_at IS NULL AND ended_at IS NULL")


class LinkRequest(OfBusiness, Base):
    """Somebody typed an address. Whether it is anybody's is found out later, by the worker."""

    __tablename__ = "link_requests"
    __table_args__ = (
        Index("ix_link_requests_address", "business_id", "address_digest", "requested_at"),
        Index("ix_link_requests_source", "business_id", "source_digest", "requested_at"),
        Index("ix_link_requests_look_at", "look_at", postgresql_where=text("look_at IS NOT NULL")),
        Index("ix_link_requests_requested_at", "requested_at"),
    )

    address_digest: Mapped[str]
    source_digest: Mapped[str | None]
    """Of the network that asked."""
    email: Mapped[CaseFolded | None]
    """Until the worker has looked it up."""
    return_path: Mapped[str | None]
    requested_at: Mapped[datetime]
    look_at: Mapped[datetime | None]


class MagicLink(OfBusiness, Base):
    __tablename__ = "magic_links"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "customer_id"], [Customer.business_id, Customer.id]),
        Index(
            "one_live_link_a_customer",
            "business_id",
            "customer_id",
            unique=True,
            postgresql_where=LIVE,
        ),
        Index("ix_magic_links_expires_at", "expires_at"),
    )

    customer_id: Mapped[UUID]
    token_hash: Mapped[str]
    return_path: Mapped[str | None]
    """Where the client was when the link was asked for."""
    requested_at: Mapped[datetime]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    consumed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """By a newer link."""

    def consume(self, now: datetime) -> None:
        """Raises LinkGone; the link is gone iff `now >= expires_at`."""
        if self.consumed_at is not None:
            raise LinkGone(because="used")
        if self.ended_at is not None:
            raise LinkGone(because="replaced")
        if now >= self.expires_at:
            raise LinkGone(because="expired")
        self.consumed_at = now
