"""Entity tags (RFC 9110, sections 8.8.3 and 13.1.2)."""

import hashlib


def tag_of(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def tags_in(if_none_match: str | None) -> list[str]:
    """Compared weakly, as this header asks: whether it was sent as weak is of no interest."""
    return [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]


def is_unchanged(if_none_match: str | None, tag: str) -> bool:
    seen = tags_in(if_none_match)
    return tag in seen or "*" in seen
