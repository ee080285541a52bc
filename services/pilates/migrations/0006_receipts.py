"""Receipts of packages and places."""

import sqlalchemy as sa
from alembic import op
from chassis.migrate import wall_off

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receipts",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("customer_name", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("paid_with", sa.String(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=True),
        sa.Column("attendance_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customers.business_id", "customers.id"],
            name=op.f("fk_receipts_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "package_id"],
            ["customer_packages.business_id", "customer_packages.id"],
            name=op.f("fk_receipts_customer_packages"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "attendance_id"],
            ["attendances.business_id", "attendances.id"],
            name=op.f("fk_receipts_attendances"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("business_id", "number", name="one_receipt_a_number"),
        sa.UniqueConstraint(
            "business_id", "package_id", "kind", name="one_receipt_a_sale_and_kind"
        ),
    )
    op.create_table(
        "receipt_counters",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_receipt_counters")),
    )
    wall_off("receipts", "receipt_counters")
    op.execute("REVOKE UPDATE, DELETE ON receipts FROM pilates_app")
