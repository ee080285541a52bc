"""What people typed, made safe for a header, a calendar line and a line of text."""

import unicodedata
from typing import Any

BIDI_CONTROLS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
UNPRINTABLE = frozenset(("Cc", "Cs", "Zl", "Zp"))


def one_line(text: str) -> str:
    """The text without line breaks, control characters, surrogates and direction overrides."""
    printable = (
        " " if unicodedata.category(char) in UNPRINTABLE or char in BIDI_CONTROLS else char
        for char in text
    )
    # Spaces that do not break a line, as between an amount and its currency, stay what they are.
    return " ".join(filter(None, "".join(printable).split(" "))).strip()


def in_lines(value: Any) -> Any:
    """JSON whose every text is one line: neither a mail nor PostgreSQL can hold, say, a NUL."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, dict):
        return {key: in_lines(item) for key, item in value.items()}
    if isinstance(value, list):
        return [in_lines(item) for item in value]
    return value
