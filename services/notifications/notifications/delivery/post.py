"""One kept SMTP connection, and what its server's answers mean for a mail."""

import smtplib
import time
from email.message import EmailMessage
from typing import Any

from chassis.failpoints import reach_sync
from notifications.bounces.report import NOT_ITS_FAULT

TIMEOUT_SECONDS = 10
FRESH_SECONDS = 5
"""So long after a mail a line is taken for alive; if it is not, the next mail is put off."""
LONGEST_REASON = 300


class Undelivered(Exception):
    """The mail did not leave, or it is not known whether it did; `reason` is the server's word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason[:LONGEST_REASON]


class Refused(Undelivered):
    """For good: a 5xx, or a mail that cannot be sent to such an address."""


class NobodyThere(Refused):
    """For good, because of the recipient: the address bounces."""


class Deferred(Undelivered):
    """For now: a 4xx, or nobody answers."""


class Unsure(Undelivered):
    """The line broke after the server may have taken the mail."""


class Line(smtplib.SMTP):
    """Tells tests when a mail is about to leave and when the server has taken it."""

    reached_data = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        reach_sync("before-smtp-data")
        self.reached_data = True
        answer = super().data(msg)
        reach_sync("after-smtp-data")
        return answer


class Post:
    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._line: Line | None = None
        self._used_at = 0.0

    def send(self, mail: EmailMessage, reports_to: str | None = None) -> None:
        """Reports about it go to whom it is from, unless told otherwise."""
        line = self._open_line()
        line.reached_data, self._used_at = False, 0.0
        try:
            line.send_message(mail, from_addr=reports_to)
            self._used_at = time.monotonic()
        except smtplib.SMTPRecipientsRefused as refusal:
            code, words = next(iter(refusal.recipients.values()))
            raise answered_of_recipient(code, words) from refusal
        except smtplib.SMTPResponseException as refusal:
            raise answered(refusal.smtp_code, refusal.smtp_error) from refusal
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(str(error)) from error
        except OSError as error:
            self.hang_up()
            reason = f"The mail server stopped answering: {type(error).__name__}"
            raise (Unsure(reason) if line.reached_data else Deferred(reason)) from error
        except BaseException:
            self.hang_up()
            raise

    def hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None

    def _open_line(self) -> Line:
        is_fresh = time.monotonic() - self._used_at < FRESH_SECONDS
        if self._line is not None and not is_fresh and not self._is_alive(self._line):
            self.hang_up()
        if self._line is None:
            try:
                self._line = Line(self._host, self._port, timeout=TIMEOUT_SECONDS)
            except OSError as error:
                reason = f"The mail server does not answer: {type(error).__name__}"
                raise Deferred(reason) from error
        return self._line

    @staticmethod
    def _is_alive(line: Line) -> bool:
        try:
            return line.noop()[0] == 250
        except OSError:
            return False


def answered(code: int, words: bytes | str) -> Undelivered:
    said = words.decode(errors="replace") if isinstance(words, bytes) else words
    kind = Refused if 500 <= code < 600 else Deferred
    return kind(f"{code} {said}")


def answered_of_recipient(code: int, words: bytes) -> Undelivered:
    """A server that takes nothing from us has not looked who is there."""
    answer = answered(code, words)
    if isinstance(answer, Deferred) or NOT_ITS_FAULT.match(words.decode(errors="replace")):
        return answer
    return NobodyThere(answer.reason)
