"""An address bounces by a report too, which a server that takes its mails does not undo at once."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    told = sa.Column("reported", sa.Boolean(), server_default="false", nullable=False)
    op.add_column("bounces", told)
