"""A client who wants to be forgotten is forgotten by the audit trail too."""

from alembic import op

revision = "0004"
down_revision = "0003"
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
