"""The client's side: links, sessions, and what a client sees of bookings, packages and receipts."""

import sqlalchemy as sa
from alembic import op
from chassis.migrate import wall_off
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EVERYWHERE = "current_setting('app.every_business', true) = 'yes'"
ASKED_FOR = "slug = NULLIF(current_setting('app.business_slug', true), '')"


def upgrade() -> None:
    op.create_table(
        "bookings",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("customer_email", postgresql.CITEXT(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("free_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ending", postgresql.JSONB(), nullable=True),
        sa.Column("wish", postgresql.JSONB(), nullable=True),
        sa.Column("pay_url", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_bookings")),
    )
    op.create_index(
        "ix_bookings_customer",
        "bookings",
        ["business_id", "customer_id", "starts_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_bookings_guests",
        "bookings",
        ["business_id", "customer_email"],
        unique=False,
        postgresql_where=sa.text("customer_id IS NULL AND customer_email IS NOT NULL"),
    )
    op.create_table(
        "erasures",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("customer_name", sa.String(), nullable=False),
        sa.Column("email", postgresql.CITEXT(), nullable=True),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("awaiting", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_erasures")),
    )
    op.create_index(
        "one_erasure_a_customer", "erasures", ["business_id", "customer_id"], unique=True
    )
    op.create_table(
        "ledger_entries",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_ledger_entries")),
    )
    op.create_index(
        "ix_ledger_entries_customer", "ledger_entries", ["business_id", "customer_id"], unique=False
    )
    op.create_index(
        "ix_ledger_entries_package",
        "ledger_entries",
        ["business_id", "package_id", "at", "id"],
        unique=False,
    )
    op.create_table(
        "link_requests",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("address_digest", sa.String(), nullable=False),
        sa.Column("source_digest", sa.String(), nullable=True),
        sa.Column("email", postgresql.CITEXT(), nullable=True),
        sa.Column("return_path", sa.String(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_link_requests")),
    )
    op.create_index(
        "ix_link_requests_address",
        "link_requests",
        ["business_id", "address_digest", "requested_at"],
        unique=False,
    )
    op.create_index(
        "ix_link_requests_look_at",
        "link_requests",
        ["look_at"],
        unique=False,
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )
    op.create_index(
        "ix_link_requests_requested_at", "link_requests", ["requested_at"], unique=False
    )
    op.create_index(
        "ix_link_requests_source",
        "link_requests",
        ["business_id", "source_digest", "requested_at"],
        unique=False,
    )
    op.create_table(
        "packages",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("sold_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_packages")),
    )
    op.create_index(
        "ix_packages_customer", "packages", ["business_id", "customer_id"], unique=False
    )
    op.create_table(
        "receipts",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("customer_email", postgresql.CITEXT(), nullable=True),
        sa.Column("customer_name", sa.String(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("package_id", sa.Uuid(), nullable=True),
        sa.Column("issuer", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_receipts")),
    )
    op.create_index(
        "ix_receipts_customer",
        "receipts",
        ["business_id", "customer_id", "issued_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_receipts_guests",
        "receipts",
        ["business_id", "customer_email"],
        unique=False,
        postgresql_where=sa.text("customer_id IS NULL AND customer_email IS NOT NULL"),
    )
    op.create_table(
        "services",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cancellation_window_minutes", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_services")),
    )
    op.create_table(
        "waitlist_entries",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("customer_email", postgresql.CITEXT(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_waitlist_entries")),
    )
    op.create_index(
        "ix_waitlist_entries_customer",
        "waitlist_entries",
        ["business_id", "customer_id", "starts_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_waitlist_entries_guests",
        "waitlist_entries",
        ["business_id", "customer_email"],
        unique=False,
        postgresql_where=sa.text("customer_id IS NULL AND customer_email IS NOT NULL"),
    )
    op.create_table(
        "client_feeds",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customers.business_id", "customers.id"],
            name=op.f("fk_client_feeds_customers"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_client_feeds")),
    )
    op.create_index(
        "one_feed_a_customer", "client_feeds", ["business_id", "customer_id"], unique=True
    )
    op.create_table(
        "email_changes",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("new_email", postgresql.CITEXT(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customers.business_id", "customers.id"],
            name=op.f("fk_email_changes_customers"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_email_changes")),
    )
    op.create_index(
        "ix_email_changes_customer",
        "email_changes",
        ["business_id", "customer_id", "created_at"],
        unique=False,
    )
    op.create_index("ix_email_changes_expires_at", "email_changes", ["expires_at"], unique=False)
    op.create_index(
        "one_live_change_a_customer",
        "email_changes",
        ["business_id", "customer_id"],
        unique=True,
        postgresql_where=sa.text("confirmed_at IS NULL AND ended_at IS NULL"),
    )
    op.create_table(
        "magic_links",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("return_path", sa.String(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customers.business_id", "customers.id"],
            name=op.f("fk_magic_links_customers"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_magic_links")),
    )
    op.create_index("ix_magic_links_expires_at", "magic_links", ["expires_at"], unique=False)
    op.create_index(
        "one_live_link_a_customer",
        "magic_links",
        ["business_id", "customer_id"],
        unique=True,
        postgresql_where=sa.text("consumed_at IS NULL AND ended_at IS NULL"),
    )
    op.create_table(
        "portal_sessions",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customers.business_id", "customers.id"],
            name=op.f("fk_portal_sessions_customers"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_portal_sessions")),
    )
    op.create_index(
        "ix_portal_sessions_customer",
        "portal_sessions",
        ["business_id", "customer_id"],
        unique=False,
    )
    op.create_index(
        "ix_portal_sessions_expires_at", "portal_sessions", ["expires_at"], unique=False
    )
    op.add_column("businesses", sa.Column("currency", sa.String(), nullable=True))
    op.add_column("businesses", sa.Column("email", sa.String(), nullable=True))
    op.add_column("businesses", sa.Column("billing", postgresql.JSONB(), nullable=True))
    op.create_index("ix_businesses_slug", "businesses", ["slug"], unique=False)
    op.create_index(
        "ix_customers_business_id_email", "customers", ["business_id", "email"], unique=False
    )
    # Whoever comes to a portal names it by its slug, before it is known whose it is; the worker
    # looks for what is due, and for businesses to tidy.
    op.execute(
        f"CREATE POLICY readable ON businesses FOR SELECT USING ({ASKED_FOR} OR {EVERYWHERE})"
    )
    wall_off("link_requests", or_if=EVERYWHERE)
    wall_off(
        "bookings",
        "erasures",
        "ledger_entries",
        "packages",
        "receipts",
        "services",
        "waitlist_entries",
        "client_feeds",
        "email_changes",
        "magic_links",
        "portal_sessions",
    )
