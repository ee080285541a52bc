"""The first tables of notifications."""

import sqlalchemy as sa
from alembic import op
from chassis.migrate import create_chassis_tables, wall_off
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_chassis_tables("notifications")
    op.create_table(
        "businesses",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_businesses")),
    )
    op.create_table(
        "messages",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("copy", sa.Integer(), server_default="0", nullable=False),
        sa.Column("recipient", postgresql.CITEXT(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("context", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(), server_default="queued", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "next_attempt_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=True,
        ),
        sa.Column("dated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "queued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed')", name=op.f("ck_messages_known_state")
        ),
        sa.CheckConstraint(
            "(state IN ('queued', 'sending')) = (next_attempt_at IS NOT NULL)",
            name=op.f("ck_messages_due_while_underway"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_messages")),
        sa.UniqueConstraint("business_id", "kind", "about", "version", "copy", name="told_once"),
    )
    op.create_index(
        "ix_messages_underway",
        "messages",
        ["next_attempt_at"],
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_index("ix_messages_about", "messages", ["business_id", "about", "version"])
    wall_off("businesses")
    # The dispatcher serves all businesses: it may read what is underway, and write nothing.
    wall_off(
        "messages",
        or_if="current_setting('app.dispatching', true) = 'on' AND state IN ('queued', 'sending')",
    )
    op.execute(
        """
        CREATE FUNCTION announce_messages() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_notify('messages', ''); RETURN NULL; END $$;
        CREATE TRIGGER announce AFTER INSERT ON messages
            FOR EACH STATEMENT EXECUTE FUNCTION announce_messages();
        """
    )
