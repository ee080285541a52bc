from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from chassis.database import NAMES, Conventions


class Base(Conventions, DeclarativeBase):
    """The tables that scheduling owns."""

    metadata = MetaData(naming_convention=NAMES)
