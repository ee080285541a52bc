"""Receipts are said once each, however many a version of an appointment has."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "messages", sa.Column("receipt_number", sa.Integer(), server_default="0", nullable=False)
    )
    op.drop_constraint("told_once", "messages")
    op.create_unique_constraint(
        "told_once",
        "messages",
        ["business_id", "kind", "about", "version", "receipt_number", "copy"],
    )
