from datetime import datetime

from sqlalchemy.orm import Mapped

from chassis.database import CaseFolded, OfBusiness
from portal.base import Base


class Customer(OfBusiness, Base):
    """Our copy of a customer whom catalog owns."""

    __tablename__ = "customers"

    version: Mapped[int]
    name: Mapped[str]
    email: Mapped[CaseFolded | None]
    phone: Mapped[str | None]
    locale: Mapped[str | None]
    archived_at: Mapped[datetime | None]
