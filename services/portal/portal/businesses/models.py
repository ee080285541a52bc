from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from portal.base import Base


class Business(Base):
    """Our copy of what catalog says of a business."""

    __tablename__ = "businesses"

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    slug: Mapped[str]
    name: Mapped[str]
    time_zone: Mapped[str]
    """IANA name; times are shown in it."""
    locale: Mapped[str]
