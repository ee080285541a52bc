"""Dead letters are found among all that was ever said."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    failed = sa.text("state = 'failed'")
    op.create_index(
        "ix_messages_failed", "messages", ["business_id", "id"], postgresql_where=failed
    )
