"""Places in sessions, and the queues for them."""

import sqlalchemy as sa
from alembic import op
from chassis.migrate import wall_off
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attendances",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("customer_name", sa.String(), nullable=False),
        sa.Column("customer_email", postgresql.CITEXT(), nullable=True),
        sa.Column("customer_phone", sa.String(), nullable=True),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=True),
        sa.Column("payer_email", postgresql.CITEXT(), nullable=True),
        sa.Column("spot_id", sa.Uuid(), nullable=True),
        sa.Column("spot_label", sa.String(), nullable=True),
        sa.Column("paid_with", sa.String(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=True),
        sa.Column("package_name", sa.String(), nullable=True),
        sa.Column("debit_id", sa.Uuid(), nullable=True),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("payment_status", sa.String(), nullable=False),
        sa.Column("pay_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decline_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancellation_reason", sa.String(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("business_id"), "="),
            (sa.column("person"), "="),
            (sa.column("during"), "&&"),
            where=sa.text("status IN ('booked', 'attended', 'no_show')"),
            using="gist",
            name="one_place_at_a_time",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customers.business_id", "customers.id"],
            name=op.f("fk_attendances_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "debit_id"],
            ["ledger_entries.business_id", "ledger_entries.id"],
            name=op.f("fk_attendances_ledger_entries"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "package_id"],
            ["customer_packages.business_id", "customer_packages.id"],
            name=op.f("fk_attendances_customer_packages"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "payer_id"],
            ["customers.business_id", "customers.id"],
            name="fk_attendances_payers",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "session_id"],
            ["class_sessions.business_id", "class_sessions.id"],
            name=op.f("fk_attendances_class_sessions"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "spot_id"],
            ["resources.business_id", "resources.id"],
            name=op.f("fk_attendances_resources"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_attendances")),
    )
    op.create_index(
        "ix_attendances_customer",
        "attendances",
        ["business_id", "customer_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        "ix_attendances_guests",
        "attendances",
        ["business_id", "customer_email"],
        unique=False,
        postgresql_where=sa.text("customer_id IS NULL AND customer_email IS NOT NULL"),
    )
    op.create_index(
        "ix_attendances_look_at",
        "attendances",
        ["look_at"],
        unique=False,
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )
    op.create_index(
        "ix_attendances_party", "attendances", ["business_id", "party_id"], unique=False
    )
    op.create_index(
        "ix_attendances_session", "attendances", ["business_id", "session_id"], unique=False
    )
    op.create_index(
        "one_attendance_a_spot",
        "attendances",
        ["business_id", "session_id", "spot_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('booked', 'attended', 'no_show')"),
    )
    op.create_table(
        "waitlist_entries",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("customer_name", sa.String(), nullable=False),
        sa.Column("customer_email", postgresql.CITEXT(), nullable=True),
        sa.Column("customer_phone", sa.String(), nullable=True),
        sa.Column("party_size", sa.Integer(), nullable=False),
        sa.Column("pays_with", sa.String(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offer_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("skip_reason", sa.String(), nullable=True),
        sa.Column("skipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customers.business_id", "customers.id"],
            name=op.f("fk_waitlist_entries_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "session_id"],
            ["class_sessions.business_id", "class_sessions.id"],
            name=op.f("fk_waitlist_entries_class_sessions"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_waitlist_entries")),
    )
    op.create_index(
        "ix_waitlist_entries_customer",
        "waitlist_entries",
        ["business_id", "customer_id"],
        unique=False,
    )
    op.create_index(
        "ix_waitlist_entries_look_at",
        "waitlist_entries",
        ["look_at"],
        unique=False,
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )
    op.create_index(
        "ix_waitlist_entries_session",
        "waitlist_entries",
        ["business_id", "session_id", "rank"],
        unique=False,
    )
    op.create_index(
        "one_entry_a_person",
        "waitlist_entries",
        ["business_id", "session_id", "person"],
        unique=True,
        postgresql_where=sa.text("status IN ('waiting', 'offered')"),
    )
    # The worker looks for what is due before it knows whose it is.
    everywhere = "current_setting('app.every_business', true) = 'yes'"
    wall_off("attendances", "waitlist_entries", or_if=everywhere)
