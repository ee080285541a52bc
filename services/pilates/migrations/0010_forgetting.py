"""A client who wants to be forgotten is forgotten by the audit trail too."""

from alembic import op

revision = "0010"
down_revision = "0009"
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
    # Ledger and receipts are never changed either, but for who it was.
    op.execute(
        """
        CREATE FUNCTION forget_in_ledger(packages uuid[]) RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = public AS
        $$ UPDATE ledger_entries SET reason = NULL
           WHERE package_id = ANY (packages) AND reason IS NOT NULL $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION forget_on_receipts(customer uuid, places uuid[], packages uuid[], nobody text)
        RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS
        $$ UPDATE receipts SET customer_name = nobody
           WHERE customer_id = customer OR attendance_id = ANY (places)
              OR package_id = ANY (packages) $$
        """
    )
