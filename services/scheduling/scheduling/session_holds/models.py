from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from chassis.database import OfBusiness
from scheduling.base import Base


class State(StrEnum):
    HELD = "held"
    """Until the session says which version stands."""
    STANDING = "standing"
    RELEASED = "released"
    """For ever: whoever asks for it late is refused."""


class SessionHold(OfBusiness, Base):
    """One version of a class session's hold on its instructor's time; the claim has its id."""

    __tablename__ = "session_holds"
    __table_args__ = (
        UniqueConstraint("business_id", "session_id", "hold_version", name="one_hold_a_version"),
        Index("ix_session_holds_ask_at", "ask_at", postgresql_where=text("ask_at IS NOT NULL")),
    )

    session_id: Mapped[UUID]
    hold_version: Mapped[int]
    state: Mapped[str]
    ask_at: Mapped[datetime | None]
    """When the session's owner is asked what has become of it; absent of what is not open."""
