"""Settings, readers, bookings and reminders; messages know their reader and wait in line."""

import sqlalchemy as sa
from alembic import op
from chassis.migrate import wall_off
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())
EVERYWHERE = "current_setting('app.every_business', true) = 'yes'"


def of_business(*more):
    return (
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        *more,
    )


def keyed(table):
    return sa.PrimaryKeyConstraint("business_id", "id", name=op.f(f"pk_{table}"))


def upgrade() -> None:
    copies()
    mail_settings()
    bookings()
    readers()
    messages()


def copies() -> None:
    op.add_column("businesses", sa.Column("slug", sa.String(), nullable=True))
    op.create_table(
        "customers",
        *of_business(
            sa.Column("version", sa.Integer(), nullable=False),
            sa.Column("name", sa.String(), nullable=False),
            sa.Column("email", postgresql.CITEXT(), nullable=True),
            sa.Column("locale", sa.String(), nullable=True),
            sa.Column("time_zone", sa.String(), nullable=True),
            sa.Column("contact_preferences", JSON, nullable=True),
            sa.Column("archived_at", MOMENT, nullable=True),
            keyed("customers"),
        ),
    )
    op.create_index("ix_customers_email", "customers", ["business_id", "email"])
    op.create_table(
        "staff_members",
        *of_business(
            sa.Column("version", sa.Integer(), nullable=False),
            sa.Column("name", sa.String(), nullable=False),
            sa.Column("email", postgresql.CITEXT(), nullable=True),
            sa.Column("status", sa.String(), nullable=False),
            sa.Column("archived_at", MOMENT, nullable=True),
            keyed("staff_members"),
        ),
    )
    op.create_table(
        "packages",
        *of_business(
            sa.Column("version", sa.Integer(), nullable=False),
            sa.Column("customer_id", sa.Uuid(), nullable=False),
            sa.Column("balance", sa.Integer(), nullable=False),
            keyed("packages"),
        ),
    )
    op.create_index("ix_packages_customer_id", "packages", ["business_id", "customer_id"])
    wall_off("customers", "staff_members", "packages")


def mail_settings() -> None:
    op.create_table(
        "mail_settings",
        *of_business(
            sa.Column("version", sa.Integer(), server_default="1", nullable=False),
            sa.Column("accent", sa.String(), nullable=False),
            sa.Column("reply_to", sa.String(), nullable=True),
            sa.Column("reminder_minutes", JSON, nullable=False),
            sa.Column("quiet_from", sa.Time(), nullable=True),
            sa.Column("quiet_until", sa.Time(), nullable=True),
            sa.Column("notices_to_staff", sa.Boolean(), nullable=False),
            sa.Column("notices_to_business", sa.Boolean(), nullable=False),
            sa.Column("agenda_at", sa.Time(), nullable=True),
            sa.Column("agenda_due_at", MOMENT, nullable=True),
            sa.UniqueConstraint("business_id", name="one_settings_a_business"),
            keyed("mail_settings"),
        ),
    )
    op.create_index("ix_mail_settings_agenda_due_at", "mail_settings", ["agenda_due_at"])
    wall_off("mail_settings", or_if=EVERYWHERE)


def bookings() -> None:
    op.create_table(
        "bookings",
        *of_business(
            sa.Column("version", sa.Integer(), nullable=False),
            sa.Column("noun", sa.String(), nullable=False),
            sa.Column("status", sa.String(), nullable=False),
            sa.Column("firm", sa.Boolean(), nullable=False),
            sa.Column("starts_at", MOMENT, nullable=False),
            sa.Column("ends_at", MOMENT, nullable=False),
            sa.Column("time_zone", sa.String(), nullable=False),
            sa.Column("staff_id", sa.Uuid(), nullable=True),
            sa.Column("customer_id", sa.Uuid(), nullable=True),
            sa.Column("session_id", sa.Uuid(), nullable=True),
            sa.Column("email", postgresql.CITEXT(), nullable=True),
            sa.Column("notify", sa.Boolean(), nullable=False),
            sa.Column("told", JSON, nullable=False),
            sa.Column("forget_at", MOMENT, nullable=True),
            keyed("bookings"),
        ),
    )
    op.create_index("ix_bookings_starts_at", "bookings", ["business_id", "starts_at"])
    op.create_index("ix_bookings_session_id", "bookings", ["business_id", "session_id"])
    op.create_index("ix_bookings_customer_id", "bookings", ["business_id", "customer_id"])
    op.create_index("ix_bookings_forget_at", "bookings", ["forget_at"])
    op.create_table(
        "reminders",
        *of_business(
            sa.Column("booking_id", sa.Uuid(), nullable=False),
            sa.Column("minutes_before", sa.Integer(), nullable=False),
            sa.Column("due_at", MOMENT, nullable=True),
            sa.ForeignKeyConstraint(
                ["business_id", "booking_id"],
                ["bookings.business_id", "bookings.id"],
                name=op.f("fk_reminders_bookings"),
                ondelete="CASCADE",
            ),
            sa.UniqueConstraint(
                "business_id", "booking_id", "minutes_before", name="one_reminder_a_lead"
            ),
            keyed("reminders"),
        ),
    )
    op.create_index("ix_reminders_due_at", "reminders", ["due_at"])
    wall_off("bookings", "reminders", or_if=EVERYWHERE)


def readers() -> None:
    op.create_table(
        "unsubscriptions",
        *of_business(
            sa.Column("email", postgresql.CITEXT(), nullable=False),
            sa.Column("topic", sa.String(), nullable=False),
            sa.Column("at", MOMENT, nullable=False),
            sa.UniqueConstraint("business_id", "email", "topic", name="unsubscribed_once"),
            keyed("unsubscriptions"),
        ),
    )
    op.create_table(
        "bounces",
        *of_business(
            sa.Column("email", postgresql.CITEXT(), nullable=False),
            sa.Column("customer_id", sa.Uuid(), nullable=True),
            sa.Column("message_id", sa.Uuid(), nullable=False),
            sa.Column("reason", sa.String(), nullable=False),
            sa.Column("at", MOMENT, nullable=False),
            sa.Column("tell_at", MOMENT, nullable=True),
            sa.UniqueConstraint("business_id", "email", name="one_bounce_an_address"),
            keyed("bounces"),
        ),
    )
    op.create_index("ix_bounces_tell_at", "bounces", ["tell_at"])
    op.create_table(
        "erasures",
        *of_business(
            sa.Column("at", MOMENT, nullable=False),
            keyed("erasures"),
        ),
    )
    wall_off("unsubscriptions", "erasures")
    wall_off("bounces", or_if=EVERYWHERE)


def messages() -> None:
    op.add_column("messages", sa.Column("part", sa.String(), server_default="", nullable=False))
    op.add_column("messages", sa.Column("customer_id", sa.Uuid(), nullable=True))
    op.drop_constraint("told_once", "messages")
    op.create_unique_constraint(
        "told_once",
        "messages",
        ["business_id", "kind", "about", "version", "receipt_number", "part", "recipient", "copy"],
    )
    underway = sa.text("state IN ('queued', 'sending')")
    # By business, so that the dispatcher reads the same share of each, however long its queue.
    op.create_index(
        "ix_messages_due", "messages", ["business_id", "next_attempt_at"], postgresql_where=underway
    )
    op.create_index(
        "ix_messages_in_line",
        "messages",
        ["business_id", "about", "recipient", "version", "id"],
        postgresql_where=underway,
    )
    op.create_index("ix_messages_customer_id", "messages", ["business_id", "customer_id"])
    op.create_index("ix_messages_recipient", "messages", ["business_id", "recipient"])
    # Each change of state writes every index anew, so there are no more than are read. This one
    # is of almost nothing: rows come in the order of time.
    op.create_index(
        "ix_messages_queued_at", "messages", ["queued_at"], postgresql_using="brin"
    )
    op.drop_index("ix_messages_underway", "messages")
    counting = "current_setting('app.counting', true) = 'on'"
    op.execute(f"CREATE POLICY counted ON messages FOR SELECT USING ({counting})")
