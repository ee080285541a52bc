"""What people typed, made safe for a header, a calendar line and a line of text."""

import unicodedata

BIDI_CONTROLS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
UNPRINTABLE = frozenset(("Cc", "Cs", "Zl", "Zp"))


def one_line(text: str) -> str:
    """The text without line breaks, control characters, surrogates and direction overrides."""
    printable = (
        " " if unicodedata.category(char) in UNPRINTABLE or char in BIDI_CONTROLS else char
        for char in text
    )
    return " ".join("".join(printable).split())
