"""What is sold, what was sold, and the ledger of its credits."""

import sqlalchemy as sa
from alembic import op
from chassis.migrate import wall_off
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "package_types",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("validity_days", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.String(), nullable=False),
        sa.Column("service_ids", sa.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("template_ids", sa.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("once_per_customer", sa.Boolean(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("credits > 0", name=op.f("ck_package_types_has_credits")),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_package_types")),
    )
    op.create_table(
        "customer_packages",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("package_type_id", sa.Uuid(), nullable=False),
        sa.Column("once_per_customer", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("service_ids", sa.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("template_ids", sa.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("validity_days", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.String(), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("runs_until", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("paid_with", sa.String(), nullable=False),
        sa.Column("sold_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expiry_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "balance >= 0", name=op.f("ck_customer_packages_balance_is_never_negative")
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customers.business_id", "customers.id"],
            name=op.f("fk_customer_packages_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "package_type_id"],
            ["package_types.business_id", "package_types.id"],
            name=op.f("fk_customer_packages_package_types"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_customer_packages")),
    )
    op.create_index(
        "ix_customer_packages_customer",
        "customer_packages",
        ["business_id", "customer_id"],
        unique=False,
    )
    op.create_index(
        "ix_customer_packages_look_at",
        "customer_packages",
        ["look_at"],
        unique=False,
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )
    op.create_index(
        "one_a_customer",
        "customer_packages",
        ["business_id", "customer_id", "package_type_id"],
        unique=True,
        postgresql_where=sa.text("once_per_customer AND voided_at IS NULL"),
    )
    op.create_table(
        "freezes",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "last_on IS NULL OR last_on >= first_on", name=op.f("ck_freezes_ends_after_its_begin")
        ),
        postgresql.ExcludeConstraint(
            (sa.column("business_id"), "="),
            (sa.column("package_id"), "="),
            (sa.text("daterange(first_on, last_on, '[]')"), "&&"),
            using="gist",
            name="one_freeze_at_a_time",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "package_id"],
            ["customer_packages.business_id", "customer_packages.id"],
            name=op.f("fk_freezes_customer_packages"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_freezes")),
    )
    op.create_index("ix_freezes_package", "freezes", ["business_id", "package_id"], unique=False)
    op.create_table(
        "ledger_entries",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("attendance_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "package_id"],
            ["customer_packages.business_id", "customer_packages.id"],
            name=op.f("fk_ledger_entries_customer_packages"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "reverses"],
            ["ledger_entries.business_id", "ledger_entries.id"],
            name=op.f("fk_ledger_entries_ledger_entries"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("business_id", "package_id", "position", name="one_entry_a_position"),
    )
    op.create_index("ix_ledger_entries_at", "ledger_entries", ["business_id", "at"])
    op.create_index(
        "one_reversal_a_debit",
        "ledger_entries",
        ["business_id", "reverses"],
        unique=True,
        postgresql_where=sa.text("kind IN ('reversal', 'waiver')"),
    )
    wall_off("package_types", "freezes", "ledger_entries")
    # The worker looks for what is due before it knows whose it is.
    everywhere = "current_setting('app.every_business', true) = 'yes'"
    wall_off("customer_packages", or_if=everywhere)
    op.execute("REVOKE UPDATE, DELETE ON ledger_entries FROM pilates_app")
