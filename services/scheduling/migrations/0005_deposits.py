"""Deposits and receipts."""

import sqlalchemy as sa
from alembic import op
from chassis.migrate import wall_off

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deposits",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("link_digest", sa.String(), nullable=False),
        sa.Column("confirms", sa.Boolean(), nullable=False),
        sa.Column("release_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checkout_title", sa.String(), nullable=True),
        sa.Column("checkout_email", sa.String(), nullable=True),
        sa.Column("checkout_return_path", sa.String(), nullable=True),
        sa.Column("checkout_id", sa.String(), nullable=True),
        sa.Column("checkout_url", sa.String(), nullable=True),
        sa.Column("close_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id", "id"],
            ["appointments.business_id", "appointments.id"],
            name=op.f("fk_deposits_appointments"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_deposits")),
    )
    op.create_table(
        "payments",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("deposit_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refund_cause", sa.String(), nullable=True),
        sa.Column("refund_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refund_attempts", sa.Integer(), nullable=False),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id", "deposit_id"],
            ["deposits.business_id", "deposits.id"],
            name=op.f("fk_payments_deposits"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_payments")),
        sa.UniqueConstraint("business_id", "provider", "provider_id", name="one_row_a_payment"),
    )
    op.create_index("ix_payments_deposit", "payments", ["business_id", "deposit_id"])
    op.create_table(
        "receipts",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("customer_name", sa.String(), nullable=False),
        sa.Column("service_name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "payment_id"],
            ["payments.business_id", "payments.id"],
            name=op.f("fk_receipts_payments"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("business_id", "number", name="one_receipt_a_number"),
        sa.UniqueConstraint("business_id", "payment_id", "kind", name="one_receipt_a_kind"),
    )
    op.create_table(
        "receipt_counters",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_receipt_counters")),
    )
    for table, column in (
        ("deposits", "release_at"),
        ("deposits", "close_at"),
        ("payments", "refund_at"),
    ):
        there_is_one = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], postgresql_where=there_is_one)
    wall_off("receipts", "receipt_counters")
    # The worker looks for what is due before it knows whose it is.
    everywhere = "current_setting('app.every_business', true) = 'yes'"
    wall_off("deposits", "payments", or_if=everywhere)
    op.execute("REVOKE UPDATE, DELETE ON receipts FROM scheduling_app")
