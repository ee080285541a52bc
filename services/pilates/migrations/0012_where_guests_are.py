"""A guest's page may say in which zone they are."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("attendances", "waitlist_entries"):
        op.add_column(table, sa.Column("customer_time_zone", sa.String(), nullable=True))
