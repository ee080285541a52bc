"""What a debit pays for is written before the debit: both are there at the commit."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("attendances", "appointment_holds"):
        op.execute(
            f"ALTER TABLE {table} ALTER CONSTRAINT fk_{table}_ledger_entries"
            " DEFERRABLE INITIALLY DEFERRED"
        )
