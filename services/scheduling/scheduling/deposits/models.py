from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from payments.models import Demand, NumberedReceipt, ReceiptCount, TakenPayment
from scheduling.appointments.models import Appointment
from scheduling.base import Base


class Deposit(Demand, Base):
    """What is asked for an appointment, whose id it shares; its status is on the appointment."""

    __tablename__ = "deposits"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "id"], [Appointment.business_id, Appointment.id]),
        *Demand.rules(),
    )

    confirms: Mapped[bool]
    """Paid, the appointment is confirmed; otherwise the studio still has to approve it."""


class Payment(TakenPayment, Base):
    __tablename__ = "payments"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "deposit_id"], [Deposit.business_id, Deposit.id]),
        Index("ix_payments_deposit", "business_id", "deposit_id"),
        *TakenPayment.rules(),
    )

    demand_id: Mapped[UUID] = mapped_column("deposit_id")


class Receipt(NumberedReceipt, Base):
    __tablename__ = "receipts"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "payment_id"], [Payment.business_id, Payment.id]),
        # The backstop behind the lock: money is neither taken nor given back twice on paper.
        UniqueConstraint("business_id", "payment_id", "kind", name="one_receipt_a_kind"),
        *NumberedReceipt.rules(),
    )

    payment_id: Mapped[UUID]
    appointment_id: Mapped[UUID]
    customer_name: Mapped[str]
    service_name: Mapped[str]


class ReceiptCounter(ReceiptCount, Base):
    __tablename__ = "receipt_counters"
