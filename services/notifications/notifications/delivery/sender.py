"""Deliver one message: once where the mail server can be asked, and never silently not at all."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import structlog
from opentelemetry import context, propagate

from chassis.clock import Clock
from notifications.delivery import ledger, sink
from notifications.delivery.ledger import Address, Connection, Taken
from notifications.delivery.post import Deferred, NobodyThere, Post, Refused, Unsure
from notifications.mails.envelope import compose, message_id
from notifications.reminders.quiet_hours import Night
from notifications.settings import NotificationsSettings

log = structlog.get_logger()

RETRY_AFTER_SECONDS = (5, 15, 60, 300, 900, 1800, 3600)


class Sender:
    """Keeps one connection to PostgreSQL and one to the mail server for each thread."""

    def __init__(self, settings: NotificationsSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._kept = threading.local()

    def deliver(self, business_id: UUID, id_: UUID) -> None:
        message = Address(business_id, id_)
        try:
            connection = self._connection()
            with ledger.only_sender(connection, message) as alone:
                if alone:
                    self._deliver(connection, message)
        except psycopg.OperationalError:
            # The row still says where it stands, and the dispatcher hands it over again.
            self._forget_connection()
            raise

    def _deliver(self, connection: Connection, message: Address) -> None:
        taken = ledger.take(connection, message, self._settings.sending_lasts_seconds)
        if taken is not None:
            with in_trace(taken.headers):
                self._deliver_taken(connection, message, taken)

    def _deliver_taken(self, connection: Connection, message: Address, taken: Taken) -> None:
        kind = taken.letter.kind
        if night := self._night_of(connection, message, taken):
            ledger.put_back(connection, message, night.ends_at)
            return
        try:
            subject = self._send(taken)
        except Refused as refusal:
            if isinstance(refusal, NobodyThere) and not kind.is_last_word:
                ledger.bounced(connection, message, refusal.reason, self._clock())
            ledger.failed(connection, message, refusal.reason, kind)
            log.warning("Mail refused", message_id=str(message.id))
        except (Deferred, Unsure) as delay:
            maybe_sent = isinstance(delay, Unsure)
            if taken.attempts >= self._settings.mail_attempts:
                ledger.failed(connection, message, delay.reason, kind)
                log.warning("Mail given up", message_id=str(message.id))
            else:
                wait = pause(taken.attempts)
                ledger.later(connection, message, delay.reason, wait, maybe_sent=maybe_sent)
        else:
            ledger.sent(connection, message, subject, kind)
            log.info("Mail sent", message_id=str(message.id))

    def _night_of(self, connection: Connection, message: Address, taken: Taken) -> Night | None:
        """Of a reminder: since the evening in which it was due, broker or mail server were away."""
        if taken.letter.kind.topic != "reminders" or taken.maybe_sent:
            return None
        return ledger.night_of(connection, message, self._clock())

    def _send(self, taken: Taken) -> str:
        """Send the mail unless it has already arrived, and return its subject."""
        letter, sender = taken.letter, self._settings.sender
        try:
            facts = letter.facts
            mail = compose(letter, facts, sender, self._settings.links)
        except Exception as error:
            log.exception("Mail cannot be composed", message_id=str(letter.id), exc_info=error)
            raise Refused(f"It cannot be composed: {type(error).__name__}") from error
        subject = str(mail["Subject"])
        if taken.maybe_sent and self._arrived(message_id(letter.id, sender)):
            return subject
        if taken.attempts > self._settings.mail_attempts:
            raise Refused("Sending it was broken off too often.")
        if taken.maybe_sent and letter.kind.secrets and self._settings.sink_url is None:
            # A link that lets in whoever has it is not sent twice; a new one is soon asked for.
            raise Refused("It may have arrived, and is not sent twice.")
        if taken.void:
            raise Refused("The time that it reminds of is given up.")
        if taken.overtaken:
            # Nobody shall read last what was so first.
            raise Refused("A later message says otherwise.")
        if facts.ends_at <= self._clock():
            # A mail that waited until what it speaks of is over would only puzzle its reader.
            raise Refused("What it speaks of is over.")
        self._post().send(mail, self._settings.reports_to(letter.message))
        return subject

    def _arrived(self, mail_id: str) -> bool:
        if self._settings.sink_url is None:
            return False
        try:
            return sink.holds(self._settings.sink_url, mail_id)
        except OSError as error:
            raise Unsure("The mail server cannot be asked whether it has this mail.") from error

    def _connection(self) -> Connection:
        kept: Connection | None = getattr(self._kept, "connection", None)
        if kept is None or kept.closed:
            kept = self._kept.connection = ledger.connect(self._settings.database_url)
        return kept

    def _forget_connection(self) -> None:
        kept: Connection | None = getattr(self._kept, "connection", None)
        if kept is not None:
            kept.close()
        self._kept.connection = None

    def _post(self) -> Post:
        kept: Post | None = getattr(self._kept, "post", None)
        if kept is None:
            kept = self._kept.post = Post(self._settings.smtp_host, self._settings.smtp_port)
        return kept


@contextmanager
def in_trace(headers: dict[str, str]) -> Iterator[None]:
    """What happens here belongs to the click that made us say it."""
    token = context.attach(propagate.extract(headers))
    try:
        yield
    finally:
        context.detach(token)


def pause(attempts: int) -> int:
    return RETRY_AFTER_SECONDS[min(attempts, len(RETRY_AFTER_SECONDS)) - 1]
