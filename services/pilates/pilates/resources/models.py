from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import OfBusiness
from pilates.base import Base


class Category(StrEnum):
    ROOM = "room"
    MACHINE = "machine"
    PROP = "prop"
    """Counted: one row stands for `quantity` of them."""


class ReservedFor(StrEnum):
    SESSION = "session"
    APPOINTMENT = "appointment"


class Resource(OfBusiness, Base):
    """A room, a machine, or a number of props. Its row is the lock on its time."""

    __tablename__ = "resources"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "room_id"], ["resources.business_id", "resources.id"]),
        CheckConstraint("category = 'prop' OR quantity = 1", name="only_props_are_counted"),
        Index("ix_resources_kind", "business_id", "kind"),
        Index(
            "one_label_a_room",
            "business_id",
            "room_id",
            text("lower(label)"),
            unique=True,
            postgresql_where=text("archived_at IS NULL"),
        ),
    )

    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str]
    category: Mapped[str]
    kind: Mapped[str]
    """What it is, such as `reformer`: machines of one kind stand in for one another."""
    quantity: Mapped[int] = mapped_column(default=1)
    room_id: Mapped[UUID | None]
    """Where a machine stands. The machines of a kind in a room are the spots of its classes."""
    label: Mapped[str | None]
    """How its spot is called on the map of the room, such as `R3`."""
    x: Mapped[int | None]
    y: Mapped[int | None]
    """Where on the map, in any unit: from the left, and from the front."""
    turnover_minutes: Mapped[int] = mapped_column(default=0)
    """Of a room: kept free after each use, to clean and to change over."""
    archived_at: Mapped[datetime | None]

    def become(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        self.version += 1


class Outage(OfBusiness, Base):
    """When a resource is out of service."""

    __tablename__ = "outages"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "resource_id"], [Resource.business_id, Resource.id]),
        ExcludeConstraint(
            ("business_id", "="),
            ("resource_id", "="),
            ("during", "&&"),
            name="one_outage_at_a_time",
        ),
    )

    resource_id: Mapped[UUID]
    during: Mapped[Range[datetime]]
    """Without end until it is back in service."""
    quantity: Mapped[int]
    """How many of a counted prop; 1 of anything else."""
    reason: Mapped[str | None]


class Reservation(OfBusiness, Base):
    """The use of a resource by a session or an appointment."""

    __tablename__ = "reservations"
    __table_args__ = (
        # The backstop behind the locks on resources. What one owner holds may overlap: while it
        # moves, it keeps the old time until it has the new one.
        ExcludeConstraint(
            ("business_id", "="),
            ("resource_id", "="),
            ("during", "&&"),
            ("owner_id", "<>"),
            where=text("exclusive"),
            name="one_use_at_a_time",
        ),
        UniqueConstraint(
            "business_id", "owner_id", "hold_version", "resource_id", name="reserved_once"
        ),
        ForeignKeyConstraint(["business_id", "resource_id"], [Resource.business_id, Resource.id]),
        Index("ix_reservations_resource", "business_id", "resource_id"),
    )

    resource_id: Mapped[UUID]
    reserved_for: Mapped[str]
    owner_id: Mapped[UUID]
    """Of the session or appointment."""
    hold_version: Mapped[int]
    """Of its owner's holds the one it belongs to; which of them stands is the owner's to say."""
    during: Mapped[Range[datetime]]
    """With the turnover of a room."""
    quantity: Mapped[int]
    exclusive: Mapped[bool]
    """False of counted props, whose sum is checked under their lock."""
    pooled: Mapped[bool]
    """Nobody chose this machine: it may become another one of its kind, to make room."""
