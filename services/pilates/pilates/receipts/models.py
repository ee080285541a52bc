from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from payments.models import NumberedReceipt, ReceiptCount
from pilates.attendances.models import Attendance
from pilates.base import Base
from pilates.copies.models import Customer
from pilates.customer_packages.models import CustomerPackage
from pilates.drop_ins.models import Payment


class Receipt(NumberedReceipt, Base):
    """Of a package that was sold or of a place that was paid for; never changed."""

    __tablename__ = "receipts"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "customer_id"], [Customer.business_id, Customer.id]),
        ForeignKeyConstraint(
            ["business_id", "package_id"], [CustomerPackage.business_id, CustomerPackage.id]
        ),
        ForeignKeyConstraint(
            ["business_id", "attendance_id"], [Attendance.business_id, Attendance.id]
        ),
        ForeignKeyConstraint(["business_id", "payment_id"], [Payment.business_id, Payment.id]),
        # The backstops behind the locks: no money is taken or given back twice on paper.
        UniqueConstraint("business_id", "package_id", "kind", name="one_receipt_a_sale_and_kind"),
        UniqueConstraint("business_id", "payment_id", "kind", name="one_receipt_a_kind"),
        *NumberedReceipt.rules(),
    )

    series: ClassVar = "C"
    """Stands before the number: other services count their own."""

    customer_id: Mapped[UUID | None]
    customer_name: Mapped[str]
    about: Mapped[str]
    """The package, or the class and its local date."""
    paid_with: Mapped[str]
    """`cash`, `card` or `transfer` at the studio, or `online`; a refund goes back the same way."""
    package_id: Mapped[UUID | None]
    attendance_id: Mapped[UUID | None]
    payment_id: Mapped[UUID | None]
    """Of what was paid online; a payment and its refund share it."""


class ReceiptCounter(ReceiptCount, Base):
    __tablename__ = "receipt_counters"
