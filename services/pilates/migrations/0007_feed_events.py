"""What calendar feeds say of each session and each place."""

import sqlalchemy as sa
from alembic import op
from chassis.migrate import wall_off

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feed_events",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("is_place", sa.Boolean(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("named", sa.String(), nullable=False),
        sa.Column("busy", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_feed_events")),
    )
    op.create_index(
        "ix_feed_events_business",
        "feed_events",
        ["business_id", "starts_at", "id"],
        postgresql_where=sa.text("NOT is_place"),
    )
    op.create_index(
        "ix_feed_events_staff",
        "feed_events",
        ["business_id", "staff_id", "starts_at", "id"],
        postgresql_where=sa.text("staff_id IS NOT NULL"),
    )
    op.create_index(
        "ix_feed_events_room",
        "feed_events",
        ["business_id", "room_id"],
        postgresql_where=sa.text("room_id IS NOT NULL"),
    )
    op.create_index(
        "ix_feed_events_customer",
        "feed_events",
        ["business_id", "customer_id", "starts_at", "id"],
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    wall_off("feed_events")
