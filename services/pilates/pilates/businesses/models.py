from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from pilates.base import Base


class Business(Base):
    """Our copy of what catalog says of a business."""

    __tablename__ = "businesses"

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    name: Mapped[str]
    time_zone: Mapped[str]
    """IANA name; expiry dates and series are meant in it."""
    currency: Mapped[str]
    locale: Mapped[str]
