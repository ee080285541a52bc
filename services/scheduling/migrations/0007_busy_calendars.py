"""Calendars that staff members have connected."""

import sqlalchemy as sa
from alembic import op
from chassis.migrate import wall_off
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "busy_calendars",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=False),
        *(instant(name) for name in ("next_fetch_at", "tried_at", "fetched_at", "read_at")),
        *(sa.Column(name, sa.String()) for name in ("digest", "read_in_zone")),
        *(sa.Column(name, sa.String()) for name in ("etag", "last_modified", "failure")),
        sa.Column("answered_status", sa.Integer(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        instant("known_until"),
        sa.Column("unreadable", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id", "staff_id"],
            ["staff_members.business_id", "staff_members.id"],
            name=op.f("fk_busy_calendars_staff_members"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_busy_calendars")),
    )
    op.create_index("ix_busy_calendars_staff", "busy_calendars", ["business_id", "staff_id"])
    op.create_index("ix_busy_calendars_next_fetch_at", "busy_calendars", ["next_fetch_at"])
    op.create_table(
        "busy_times",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("calendar_id", sa.Uuid(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "calendar_id"],
            ["busy_calendars.business_id", "busy_calendars.id"],
            ondelete="CASCADE",
            name=op.f("fk_busy_times_busy_calendars"),
        ),
        sa.PrimaryKeyConstraint("business_id", "calendar_id", "during", name=op.f("pk_busy_times")),
    )
    op.create_index(
        "ix_busy_times_staff",
        "busy_times",
        ["business_id", "staff_id", "during"],
        postgresql_using="gist",
    )
    # The worker is in no business when it looks for what is due.
    wall_off("busy_calendars", or_if="current_setting('app.every_business', true) = 'yes'")
    wall_off("busy_times")
    op.execute(
        "CREATE TRIGGER announce_availability AFTER INSERT OR UPDATE OR DELETE ON busy_times "
        "FOR EACH ROW EXECUTE FUNCTION announce_availability()"
    )


def instant(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)
