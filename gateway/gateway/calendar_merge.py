"""Sorted calendars become one, as bytes where that is possible. Pure.

To read 800 entries and to write them again would take longer than to find them did.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json

HEAD, TAIL = b'{"entries":[', b"]}"
BETWEEN = b'},{"source":"'
"""A quote inside of a string is escaped, so this is never part of one."""
STARTS_AT = b'"starts_at":"'
LENGTH = len("2027-03-28T09:00:00Z")


def merge(calendars: Mapping[str, bytes | None]) -> tuple[bytes, list[str]]:
    """The merged body and who is missing from it, by body or None of each service."""
    plain = {name: inside(body) for name, body in calendars.items()}
    if all(body is None or plain[name] is not None for name, body in calendars.items()):
        entries = spliced([part for part in plain.values() if part])
        if entries is not None:
            return closed(entries, [name for name, part in plain.items() if part is None])
    read = {name: entries_of(body) for name, body in calendars.items()}
    found = [entry for entries in read.values() for entry in entries or ()]
    found.sort(key=starts_at)
    missing = [name for name, entries in read.items() if entries is None]
    return closed(to_json(found)[1:-1], missing)


def closed(entries: bytes, unavailable: list[str]) -> tuple[bytes, list[str]]:
    return b'%s%s],"unavailable":%s}' % (HEAD, entries, to_json(unavailable)), unavailable


def inside(body: bytes | None) -> bytes | None:
    """What is between the brackets, of a body as our services write it."""
    if body is None or not (body.startswith(HEAD) and body.endswith(TAIL)):
        return None
    return body[len(HEAD) : -len(TAIL)]


def spliced(parts: list[bytes]) -> bytes | None:
    """None where they are not written alike, so that text does not sort as time does."""
    if len(parts) < 2:
        return b"".join(parts)
    entries: list[bytes] = []
    starts: list[bytes] = []
    for part in parts:
        if not (part.startswith(b'{"source":"') and part.endswith(b"}")):
            return None
        entries += part[len(BETWEEN) - 2 : -1].split(BETWEEN)
        starts += [rest[: LENGTH + 1] for rest in part.split(STARTS_AT)[1:]]
    if len(starts) != len(entries) or {start[LENGTH - 1 :] for start in starts} != {b'Z"'}:
        return None
    order = sorted(range(len(starts)), key=starts.__getitem__)
    return b'{"source":"%s}' % BETWEEN.join([entries[at] for at in order])


def entries_of(body: bytes | None) -> list[dict[str, Any]] | None:
    """Not validated again: 800 entries would take longer to check than to fetch."""
    if body is None:
        return None
    try:
        entries: list[dict[str, Any]] = from_json(body)["entries"]
        for entry in entries:
            starts_at(entry)
    except (ValueError, KeyError, TypeError):
        return None
    return entries


def starts_at(entry: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["starts_at"])
