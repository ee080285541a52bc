"""Class templates, series and sessions."""

import sqlalchemy as sa
from alembic import op
from chassis.migrate import wall_off
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "class_templates",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("instructor_id", sa.Uuid(), nullable=True),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("spot_kind", sa.String(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("credit_cost", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("late_cancel_window_minutes", sa.Integer(), nullable=False),
        sa.Column("waitlist_mode", sa.String(), nullable=False),
        sa.Column("waitlist_cutoff_minutes", sa.Integer(), nullable=False),
        sa.Column("offer_minutes", sa.Integer(), nullable=False),
        sa.Column("decline_minutes", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("largest_party", sa.Integer(), nullable=False),
        sa.Column("props", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "instructor_id"],
            ["staff_members.business_id", "staff_members.id"],
            name=op.f("fk_class_templates_staff_members"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "room_id"],
            ["resources.business_id", "resources.id"],
            name=op.f("fk_class_templates_resources"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_class_templates")),
    )
    op.create_table(
        "class_series",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("moved_minutes", sa.Integer(), nullable=False),
        sa.Column("differs", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("except_for", sa.ARRAY(sa.DateTime()), nullable=False),
        sa.Column("split_from", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "template_id"],
            ["class_templates.business_id", "class_templates.id"],
            name=op.f("fk_class_series_class_templates"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_class_series")),
    )
    op.create_table(
        "class_sessions",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("entry_version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=True),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("occurs_on", sa.DateTime(), nullable=True),
        sa.Column("overridden", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("instructor_id", sa.Uuid(), nullable=True),
        sa.Column("instructor_name", sa.String(), nullable=True),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("room_name", sa.String(), nullable=True),
        sa.Column("spot_kind", sa.String(), nullable=True),
        sa.Column("hold_version", sa.Integer(), nullable=False),
        sa.Column(
            "proposed", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("proposed_version", sa.Integer(), nullable=True),
        sa.Column("last_version", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=True),
        sa.Column(
            "refused", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("settle_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancellation_reason", sa.String(), nullable=True),
        sa.Column("credit_cost", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("late_cancel_window_minutes", sa.Integer(), nullable=False),
        sa.Column("waitlist_mode", sa.String(), nullable=False),
        sa.Column("waitlist_cutoff_minutes", sa.Integer(), nullable=False),
        sa.Column("offer_minutes", sa.Integer(), nullable=False),
        sa.Column("decline_minutes", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("largest_party", sa.Integer(), nullable=False),
        sa.Column("props", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "instructor_id"],
            ["staff_members.business_id", "staff_members.id"],
            name=op.f("fk_class_sessions_staff_members"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "room_id"],
            ["resources.business_id", "resources.id"],
            name=op.f("fk_class_sessions_resources"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "series_id"],
            ["class_series.business_id", "class_series.id"],
            name=op.f("fk_class_sessions_class_series"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "template_id"],
            ["class_templates.business_id", "class_templates.id"],
            name=op.f("fk_class_sessions_class_templates"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_class_sessions")),
    )
    op.create_index(
        "ix_class_sessions_business_id_starts_at",
        "class_sessions",
        ["business_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        "ix_class_sessions_settle_at",
        "class_sessions",
        ["settle_at"],
        unique=False,
        postgresql_where=sa.text("settle_at IS NOT NULL"),
    )
    op.create_index(
        "ix_class_sessions_proposal",
        "class_sessions",
        ["business_id", "proposal_id"],
        unique=False,
        postgresql_where=sa.text("proposal_id IS NOT NULL"),
    )
    op.create_index(
        "one_session_an_occurrence",
        "class_sessions",
        ["business_id", "series_id", "occurs_on"],
        unique=True,
        postgresql_where=sa.text("series_id IS NOT NULL"),
    )
    wall_off("class_templates", "class_series")
    # The worker looks for what is due before it knows whose it is.
    everywhere = "current_setting('app.every_business', true) = 'yes'"
    wall_off("class_sessions", or_if=everywhere)
