"""Time off, closures, and dates with hours of their own."""

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
        "time_off",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("starts_fold", sa.SmallInteger(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("ends_fold", sa.SmallInteger(), nullable=False),
        sa.Column("rule", sa.String(), nullable=True),
        sa.Column("over_at", sa.DateTime(), nullable=True),
        sa.Column("except_dates", sa.ARRAY(sa.Date()), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "staff_id"],
            ["staff_members.business_id", "staff_members.id"],
            name=op.f("fk_time_off_staff_members"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_time_off")),
    )
    op.create_index("ix_time_off_business_id_over_at", "time_off", ["business_id", "over_at"])
    op.create_table(
        "dated_hours",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ranges", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id", "staff_id"],
            ["staff_members.business_id", "staff_members.id"],
            name=op.f("fk_dated_hours_staff_members"),
        ),
        sa.PrimaryKeyConstraint("business_id", "staff_id", "date", name=op.f("pk_dated_hours")),
    )
    wall_off("time_off", "dated_hours")
    for table in ("time_off", "dated_hours"):
        op.execute(
            f"CREATE TRIGGER announce_availability AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION announce_availability()"
        )
