"""A client who wants to be forgotten is forgotten by the audit trail too."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The service may not change its audit trail, but for this: that something was done stays.
    op.execute(
        """
        CREATE FUNCTION forget_in_audit_trail(subjects uuid[]) RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = public AS
        $$ UPDATE audit_trail SET before = NULL, after = NULL
           WHERE subject_id = ANY (subjects) AND (before IS NOT NULL OR after IS NOT NULL) $$
        """
    )
    # Receipts are never changed either, but for who it was.
    op.execute(
        """
        CREATE FUNCTION forget_on_receipts(appointments uuid[], nobody text) RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = public AS
        $$ UPDATE receipts SET customer_name = nobody WHERE appointment_id = ANY (appointments) $$
        """
    )
