"""Drop-ins, their payments, and the receipts of those."""

import sqlalchemy as sa
from alembic import op
from chassis.migrate import wall_off

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drop_ins",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("link_digest", sa.String(), nullable=False),
        sa.Column("release_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checkout_title", sa.String(), nullable=True),
        sa.Column("checkout_email", sa.String(), nullable=True),
        sa.Column("checkout_return_path", sa.String(), nullable=True),
        sa.Column("checkout_id", sa.String(), nullable=True),
        sa.Column("checkout_url", sa.String(), nullable=True),
        sa.Column("close_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attendance_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "attendance_id"],
            ["attendances.business_id", "attendances.id"],
            name=op.f("fk_drop_ins_attendances"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_drop_ins")),
    )
    op.create_table(
        "payments",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("drop_in_id", sa.Uuid(), nullable=False),
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
            ["business_id", "drop_in_id"],
            ["drop_ins.business_id", "drop_ins.id"],
            name=op.f("fk_payments_drop_ins"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_payments")),
        sa.UniqueConstraint("business_id", "provider", "provider_id", name="one_row_a_payment"),
    )
    op.create_index("ix_payments_drop_in", "payments", ["business_id", "drop_in_id"])
    for table, column in (
        ("drop_ins", "release_at"),
        ("drop_ins", "close_at"),
        ("payments", "refund_at"),
    ):
        there_is_one = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], postgresql_where=there_is_one)
    op.add_column("receipts", sa.Column("payment_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_receipts_payments"),
        "receipts",
        "payments",
        ["business_id", "payment_id"],
        ["business_id", "id"],
    )
    op.create_unique_constraint(
        "one_receipt_a_kind", "receipts", ["business_id", "payment_id", "kind"]
    )
    # The worker looks for what is due before it knows whose it is.
    everywhere = "current_setting('app.every_business', true) = 'yes'"
    wall_off("drop_ins", "payments", or_if=everywhere)
