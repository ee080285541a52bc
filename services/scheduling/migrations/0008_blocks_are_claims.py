"""Contract: an appointment's time is its claim.

No release ever had `blocks` in use beside claims, so what 0002 expanded may be contracted with it.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("one_appointment_at_a_time", "appointments")
    op.drop_column("appointments", "blocks")
