"""The kinds of message there are, and how each is treated."""

from enum import StrEnum

from contracts.notifications import Topic


class Kind(StrEnum):
    APPOINTMENT_REQUESTED = "appointment_requested"
    APPOINTMENT_CONFIRMED = "appointment_confirmed"
    APPOINTMENT_RESCHEDULED = "appointment_rescheduled"
    APPOINTMENT_KEPT = "appointment_kept"
    APPOINTMENT_CANCELLED = "appointment_cancelled"
    APPOINTMENT_REOPENED = "appointment_reopened"
    APPOINTMENT_REMINDER = "appointment_reminder"
    DEPOSIT_PAID = "deposit_paid"
    DEPOSIT_REFUNDED = "deposit_refunded"
    PLACE_BOOKED = "place_booked"
    PLACE_PROMOTED = "place_promoted"
    PLACE_CHANGED = "place_changed"
    PLACE_CANCELLED = "place_cancelled"
    PLACE_REMINDER = "place_reminder"
    DROP_IN_PAID = "drop_in_paid"
    DROP_IN_REFUNDED = "drop_in_refunded"
    WAITLIST_JOINED = "waitlist_joined"
    PLACE_OFFERED = "place_offered"
    OFFER_LAPSED = "offer_lapsed"
    WAITER_SKIPPED = "waiter_skipped"
    WAITLIST_OVER = "waitlist_over"
    PACKAGE_SOLD = "package_sold"
    PACKAGE_VOIDED = "package_voided"
    PACKAGE_LOW = "package_low"
    PACKAGE_EXPIRING = "package_expiring"
    MAGIC_LINK = "magic_link"
    EMAIL_CHANGE = "email_change"
    EMAIL_CHANGED = "email_changed"
    ERASURE_COMPLETED = "erasure_completed"
    MEMBER_INVITED = "member_invited"
    BOOKING_NEW = "booking_new"
    BOOKING_CHANGED = "booking_changed"
    BOOKING_CANCELLED = "booking_cancelled"
    DAILY_AGENDA = "daily_agenda"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Facts by which whoever reads them may act, so they are not kept once the mail is sent."""
        return SECRETS.get(self, ())

    @property
    def topic(self) -> Topic | None:
        """What its reader may unsubscribe from; None of what is always sent."""
        return TOPICS.get(self)

    @property
    def is_last_word(self) -> bool:
        """Nothing of it is kept once it is sent, not even to whom."""
        return self is Kind.ERASURE_COMPLETED


SECRETS: dict[Kind, tuple[str, ...]] = {
    Kind.MEMBER_INVITED: ("accept_url",),
    Kind.MAGIC_LINK: ("url",),
    Kind.EMAIL_CHANGE: ("url",),
}
TOPICS: dict[Kind, Topic] = {
    Kind.APPOINTMENT_REMINDER: "reminders",
    Kind.PLACE_REMINDER: "reminders",
    Kind.PACKAGE_LOW: "packages",
    Kind.PACKAGE_EXPIRING: "packages",
    Kind.BOOKING_NEW: "studio",
    Kind.BOOKING_CHANGED: "studio",
    Kind.BOOKING_CANCELLED: "studio",
    Kind.DAILY_AGENDA: "studio",
}
