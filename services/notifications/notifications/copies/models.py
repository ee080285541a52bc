"""What mails need to know of catalog's things; fed by events, never written otherwise."""

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from notifications.base import Base


class Business(Base):
    __tablename__ = "businesses"

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    name: Mapped[str]
    time_zone: Mapped[str]
    locale: Mapped[str]
    email: Mapped[str | None]
    """Where answers to our mails go."""
