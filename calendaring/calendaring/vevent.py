"""One VEVENT as text (RFC 5545).

The lines that never need care are written as they are; icalendar's component tree takes some
twenty times as long, and this runs in the transaction of every booking.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar.parser import Contentline

CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " ")


@dataclass(frozen=True)
class Occasion:
    """What is the same of an event however much of it is said."""

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    status: str
    """TENTATIVE, CONFIRMED or CANCELLED."""


def vevent(event: Occasion, summary: str, description: str | None = None) -> str:
    """Folded lines, each ended by CRLF."""
    changed_at = utc(event.changed_at)
    # A client that does not know CANCELLED shall at least not take the time for busy.
    blocks = "TRANSPARENT" if event.status == "CANCELLED" else "OPAQUE"
    lines = [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTAMP:{changed_at}",
        f"LAST-MODIFIED:{changed_at}",
        f"DTSTART:{utc(event.starts_at)}",
        f"DTEND:{utc(event.ends_at)}",
        f"STATUS:{event.status}",
        f"TRANSP:{blocks}",
        folded(f"SUMMARY:{escaped(summary)}"),
    ]
    if description:
        lines.append(folded(f"DESCRIPTION:{escaped(description)}"))
    return "\r\n".join([*lines, "END:VEVENT", ""])


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def escaped(line: str) -> str:
    """TEXT of one line (RFC 5545 3.3.11).

    icalendar's own escaping takes a backslash before an N for a line break that somebody has
    escaped already.
    """
    plain = " ".join(line.translate(CONTROLS).split())
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def folded(line: str) -> str:
    text: bytes = Contentline(line).to_ical()  # type: ignore[no-untyped-call]
    return text.decode()
