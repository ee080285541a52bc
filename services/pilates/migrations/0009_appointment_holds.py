"""Machine and credit of private appointments, held for scheduling."""

import sqlalchemy as sa
from alembic import op
from chassis.migrate import wall_off

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointment_holds",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("heard_version", sa.Integer(), nullable=False),
        sa.Column("standing_version", sa.Integer(), nullable=False),
        sa.Column("held_version", sa.Integer(), nullable=True),
        sa.Column("over_version", sa.Integer(), nullable=False),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("debit_id", sa.Uuid(), nullable=True),
        sa.Column("debit_version", sa.Integer(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=True),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("paid_for", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id", "debit_id"],
            ["ledger_entries.business_id", "ledger_entries.id"],
            name=op.f("fk_appointment_holds_ledger_entries"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "package_id"],
            ["customer_packages.business_id", "customer_packages.id"],
            name=op.f("fk_appointment_holds_customer_packages"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_appointment_holds")),
    )
    op.create_index(
        "ix_appointment_holds_ask_at",
        "appointment_holds",
        ["ask_at"],
        postgresql_where=sa.text("ask_at IS NOT NULL"),
    )
    # The worker looks for what is due before it knows whose it is.
    wall_off("appointment_holds", or_if="current_setting('app.every_business', true) = 'yes'")
