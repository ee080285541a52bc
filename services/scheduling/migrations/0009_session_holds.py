"""Class sessions hold their instructor's time; what moves may overlap itself."""

import sqlalchemy as sa
from alembic import op
from chassis.migrate import wall_off

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("claims", sa.Column("owner_id", sa.Uuid(), nullable=True))
    op.drop_constraint("one_claim_at_a_time", "claims")
    op.execute(
        """
        ALTER TABLE claims ADD CONSTRAINT one_claim_at_a_time EXCLUDE USING gist
            (business_id WITH =, staff_id WITH =, during WITH &&, coalesce(owner_id, id) WITH <>)
        """
    )
    op.create_table(
        "session_holds",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("hold_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_session_holds")),
        sa.UniqueConstraint("business_id", "session_id", "hold_version", name="one_hold_a_version"),
    )
    op.create_index(
        "ix_session_holds_ask_at",
        "session_holds",
        ["ask_at"],
        postgresql_where=sa.text("ask_at IS NOT NULL"),
    )
    # The worker looks for what is due before it knows whose it is.
    wall_off("session_holds", or_if="current_setting('app.every_business', true) = 'yes'")
