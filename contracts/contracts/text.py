"""Text that people typed: bounded, trimmed, and without characters that forge lines or headers."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints


def reject_control_characters(text: str) -> str:
    """Also rejects line separators and lone surrogates, which no name or subject line needs."""
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text):
        raise ValueError("must not contain control characters")
    return text


def reject_control_characters_but_newlines(text: str) -> str:
    reject_control_characters(text.replace("\n", "").replace("\r", "").replace("\t", ""))
    return text


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(reject_control_characters),
]
Paragraphs = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=5000),
    AfterValidator(reject_control_characters_but_newlines),
]
Slug = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=2, max_length=60)
]
