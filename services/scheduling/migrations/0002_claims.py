"""Time is claimed in one table, by appointments and holds alike."""

import sqlalchemy as sa
from alembic import op
from chassis.migrate import wall_off
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHANGES_AVAILABILITY = (
    "claims",
    "working_hours",
    "services",
    "staff_members",
    "booking_pages",
    "businesses",
)


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holder", sa.String(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("business_id"), "="),
            (sa.column("staff_id"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="one_claim_at_a_time",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "staff_id"],
            ["staff_members.business_id", "staff_members.id"],
            name=op.f("fk_claims_staff_members"),
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_claims")),
    )
    wall_off("claims")
    op.create_index(
        "ix_claims_expires_at", "claims", ["expires_at"], postgresql_where="expires_at IS NOT NULL"
    )
    op.create_index(
        "ix_claims_holder", "claims", ["holder"], postgresql_where="holder IS NOT NULL"
    )
    for table, column in (
        ("services", sa.Column("deposit_cents", sa.Integer(), nullable=False, server_default="0")),
        ("services", sa.Column("deposit", postgresql.JSONB(), nullable=True)),
        ("booking_pages", sa.Column("deposit", postgresql.JSONB(), nullable=True)),
        ("staff_members", sa.Column("daily_limit", sa.Integer(), nullable=True)),
        ("appointments", zero("buffer_before_minutes")),
        ("appointments", zero("buffer_after_minutes")),
        ("appointments", zero("deposit_cents")),
        (
            "appointments",
            sa.Column("deposit_status", sa.String(), nullable=False, server_default="none"),
        ),
        ("appointments", sa.Column("pay_by", sa.DateTime(timezone=True), nullable=True)),
        ("appointments", sa.Column("series_id", sa.Uuid(), nullable=True)),
        ("appointments", sa.Column("occurs_on", sa.DateTime(), nullable=True)),
    ):
        op.add_column(table, column)
    claim_what_is_booked()
    announce_availability()


def zero(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def claim_what_is_booked() -> None:
    """`blocks` is no longer written; 0008 drops it with its constraint."""
    op.execute("ALTER TABLE appointments NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE claims NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE appointments ALTER COLUMN blocks DROP NOT NULL")
    op.execute(
        """
        UPDATE appointments SET
            buffer_before_minutes = extract(epoch FROM starts_at - lower(blocks)) / 60,
            buffer_after_minutes = extract(epoch FROM upper(blocks) - ends_at) / 60;
        INSERT INTO claims (business_id, id, kind, staff_id, starts_at, ends_at, during)
            SELECT business_id, id, 'appointment', staff_id, starts_at, ends_at, blocks
            FROM appointments WHERE status IN ('pending', 'confirmed', 'completed');
        """
    )
    op.execute("ALTER TABLE appointments FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE claims FORCE ROW LEVEL SECURITY")


def announce_availability() -> None:
    """Whoever keeps finished answers about a business's free time hears when to forget them."""
    op.execute(
        """
        CREATE FUNCTION announce_availability() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            PERFORM pg_notify('availability', COALESCE(NEW.business_id, OLD.business_id)::text);
            RETURN NULL;
        END $$
        """
    )
    for table in CHANGES_AVAILABILITY:
        op.execute(
            f"CREATE TRIGGER announce_availability AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION announce_availability()"
        )
