from datetime import datetime

from sqlalchemy.orm import Mapped

from chassis.database import OfBusiness
from notifications.base import Base


class Erasure(OfBusiness, Base):
    """A customer, by id alone, who is not to be written of again: events may still be underway."""

    __tablename__ = "erasures"

    at: Mapped[datetime]
