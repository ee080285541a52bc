"""Recurring appointments."""

import sqlalchemy as sa
from alembic import op

from chassis.migrate import wall_off

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointment_series",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("moved_minutes", sa.Integer(), nullable=False),
        sa.Column("length_minutes", sa.Integer(), nullable=False),
        sa.Column("split_from", sa.Uuid(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "service_id"],
            ["services.business_id", "services.id"],
            name=op.f("fk_appointment_series_services"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "staff_id"],
            ["staff_members.business_id", "staff_members.id"],
            name=op.f("fk_appointment_series_staff_members"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_appointment_series")),
    )
    wall_off("appointment_series")
    op.create_foreign_key(
        op.f("fk_appointments_appointment_series"),
        "appointments",
        "appointment_series",
        ["business_id", "series_id"],
        ["business_id", "id"],
    )
    op.create_index(
        "ix_appointments_series",
        "appointments",
        ["business_id", "series_id"],
        postgresql_where=sa.text("series_id IS NOT NULL"),
    )
