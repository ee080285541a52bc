from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from payments.models import Demand, TakenPayment
from pilates.attendances.models import Attendance
from pilates.base import Base


class DropIn(Demand, Base):
    """What is asked for a party, whose id it shares; its status is on each of the places."""

    __tablename__ = "drop_ins"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "attendance_id"], [Attendance.business_id, Attendance.id]
        ),
        *Demand.rules(),
    )

    attendance_id: Mapped[UUID]
    """The payer's place. Those of the others are in the same session, wherever it goes."""


class Payment(TakenPayment, Base):
    __tablename__ = "payments"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "drop_in_id"], [DropIn.business_id, DropIn.id]),
        Index("ix_payments_drop_in", "business_id", "drop_in_id"),
        *TakenPayment.rules(),
    )

    demand_id: Mapped[UUID] = mapped_column("drop_in_id")
