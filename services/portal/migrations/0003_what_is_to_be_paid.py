"""A place says what is to be paid for it, and for all that were booked with it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bookings", sa.Column("pay_cents", sa.Integer(), nullable=True))
