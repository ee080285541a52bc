from datetime import datetime

from sqlalchemy.orm import Mapped

from chassis.database import OfBusiness
from pilates.base import Base


class StaffMember(OfBusiness, Base):
    """Our copy of a staff member whom catalog owns."""

    __tablename__ = "staff_members"

    version: Mapped[int]
    name: Mapped[str]
    archived_at: Mapped[datetime | None]
