from datetime import datetime

from sqlalchemy.orm import Mapped

from chassis.database import OfBusiness
from pilates.base import Base


class Service(OfBusiness, Base):
    """Our copy of a service that catalog owns."""

    __tablename__ = "services"

    version: Mapped[int]
    name: Mapped[str]
    duration_minutes: Mapped[int]
    resource_kinds: Mapped[list[str]]
    credit_cost: Mapped[int]
    archived_at: Mapped[datetime | None]
