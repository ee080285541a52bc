"""Slugs from names: `Studio Käthe & Söhne` becomes `studio-kathe-sohne`."""

import re
import secrets
import unicodedata

LONGEST = 50
"""Leaves room for a suffix in a slug of 60 characters."""


def slug_of(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain))[:LONGEST].strip("-")
    return slug if len(slug) > 1 else f"studio-{slug}".strip("-")


def another(slug: str) -> str:
    """Unguessed by others who took the same name at the same time."""
    return f"{slug}-{secrets.token_hex(3)}"
