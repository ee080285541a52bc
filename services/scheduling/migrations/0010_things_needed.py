"""Appointments that need a machine or a credit, which are held by pilates.

Of services that are known already catalog has not told what they need: their `resource_kinds` are
absent until catalog is asked, when the next of them is booked.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("services", sa.Column("resource_kinds", JSONB(), nullable=True))
    op.add_column("services", number("credit_cost"))
    kinds = sa.Column("resource_kinds", JSONB(), server_default="[]", nullable=False)
    op.add_column("appointments", kinds)
    for name in ("credits", "hold_version", "last_version"):
        op.add_column("appointments", number(name))
    op.add_column("appointments", sa.Column("proposed", JSONB(), nullable=True))
    op.add_column("appointments", sa.Column("proposed_version", sa.Integer(), nullable=True))
    op.add_column("appointments", sa.Column("refused", JSONB(), nullable=True))
    settle_at = sa.Column("settle_at", sa.DateTime(timezone=True), nullable=True)
    op.add_column("appointments", settle_at)
    op.create_index(
        "ix_appointments_settle_at",
        "appointments",
        ["settle_at"],
        postgresql_where=sa.text("settle_at IS NOT NULL"),
    )
    # The worker looks for what is due before it knows whose it is.
    everywhere = "current_setting('app.every_business', true) = 'yes'"
    op.execute(f"CREATE POLICY readable ON appointments FOR SELECT USING ({everywhere})")


def number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)
