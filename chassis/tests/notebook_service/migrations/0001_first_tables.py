"""The tables of the notebook."""

import sqlalchemy as sa
from alembic import op

from chassis.migrate import create_chassis_tables, wall_off

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_chassis_tables("notebook")
    op.create_table(
        "notes",
        sa.Column("business_id", sa.Uuid(), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True, server_default=sa.text("uuidv7()")),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("business_id", "title", name="one_note_a_title"),
    )
    op.create_table(
        "tallies",
        sa.Column("business_id", sa.Uuid(), primary_key=True),
        sa.Column("listener", sa.String(), primary_key=True),
        sa.Column("notes", sa.Integer(), nullable=False),
    )
    wall_off("notes", "tallies")
