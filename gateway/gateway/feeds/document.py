"""The calendar around the events (RFC 5545, 7986). Pure."""

FORMAT = "1"
"""Changes when the same events would be written otherwise, so that nobody keeps the old text."""
HEAD = (
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Bookly//Bookly//EN",
    "CALSCALE:GREGORIAN",
    "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
    "X-PUBLISHED-TTL:PT15M",
)
LINE_OCTETS = 75


def wrapped(title: str, events: list[bytes]) -> bytes:
    """`events` are whole components, folded, each line ended by CRLF."""
    named = [f"{name}:{escaped(title)}" for name in ("NAME", "X-WR-CALNAME")]
    head = "".join(folded(line) for line in (*HEAD, *named))
    return b"".join((head.encode(), *events, b"END:VCALENDAR\r\n"))


def escaped(text: str) -> str:
    """RFC 5545, 3.3.11."""
    for special in ("\\", ";", ","):
        text = text.replace(special, "\\" + special)
    return text.replace("\n", "\\n")


def folded(line: str) -> str:
    """RFC 5545, 3.1: 75 octets at most, and no character torn apart."""
    lines, room = [""], LINE_OCTETS
    for character in line:
        octets = len(character.encode())
        if octets > room:
            lines.append(" ")
            room = LINE_OCTETS - 1
        lines[-1] += character
        room -= octets
    return "\r\n".join(lines) + "\r\n"
