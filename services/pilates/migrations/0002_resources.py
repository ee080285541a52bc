"""Rooms, machines and props; who uses them, and when they are out of service."""

import sqlalchemy as sa
from alembic import op
from chassis.migrate import wall_off
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "booking_pages",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("class_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_booking_pages")),
    )
    op.create_index(
        "one_page_a_slug",
        "booking_pages",
        ["slug"],
        unique=True,
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_table(
        "resources",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("x", sa.Integer(), nullable=True),
        sa.Column("y", sa.Integer(), nullable=True),
        sa.Column("turnover_minutes", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "category = 'prop' OR quantity = 1", name=op.f("ck_resources_only_props_are_counted")
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "room_id"],
            ["resources.business_id", "resources.id"],
            name=op.f("fk_resources_resources"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_resources")),
    )
    op.create_index("ix_resources_kind", "resources", ["business_id", "kind"], unique=False)
    op.create_index(
        "one_label_a_room",
        "resources",
        ["business_id", "room_id", sa.literal_column("lower(label)")],
        unique=True,
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_table(
        "outages",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("business_id"), "="),
            (sa.column("resource_id"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="one_outage_at_a_time",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "resource_id"],
            ["resources.business_id", "resources.id"],
            name=op.f("fk_outages_resources"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_outages")),
    )
    op.create_table(
        "reservations",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("reserved_for", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("hold_version", sa.Integer(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("pooled", sa.Boolean(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("business_id"), "="),
            (sa.column("resource_id"), "="),
            (sa.column("during"), "&&"),
            (sa.column("owner_id"), "<>"),
            where=sa.text("exclusive"),
            using="gist",
            name="one_use_at_a_time",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "resource_id"],
            ["resources.business_id", "resources.id"],
            name=op.f("fk_reservations_resources"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_reservations")),
        sa.UniqueConstraint(
            "business_id", "owner_id", "hold_version", "resource_id", name="reserved_once"
        ),
    )
    op.create_index(
        "ix_reservations_resource", "reservations", ["business_id", "resource_id"], unique=False
    )
    op.add_column("customers", sa.Column("phone", sa.String(), nullable=True))
    op.create_index(
        "ix_customers_business_id_email", "customers", ["business_id", "email"], unique=False
    )
    op.add_column(
        "services",
        sa.Column(
            "cancellation_window_minutes", sa.Integer(), server_default="1440", nullable=False
        ),
    )
    wall_off("resources", "outages", "reservations")
    # The worker looks for what is due before it knows whose it is.
    everywhere = "current_setting('app.every_business', true) = 'yes'"
    op.execute(f"CREATE POLICY readable ON businesses FOR SELECT USING ({everywhere})")
    # A visitor names a page before it is known whose it is.
    named = "slug = current_setting('app.page_slug', true)"
    wall_off("booking_pages", or_if=named)
