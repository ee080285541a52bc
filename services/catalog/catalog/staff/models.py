from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from catalog.base import Base
from chassis.database import CaseFolded, OfBusiness


class StaffMember(OfBusiness, Base):
    __tablename__ = "staff_members"

    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str]
    email: Mapped[CaseFolded | None]
    archived_at: Mapped[datetime | None]
