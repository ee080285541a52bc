"""Header hygiene in both directions (RFC 9110 section 7.6.1, W3C Trace Context)."""

import re
import secrets
from collections.abc import Iterable, Sequence
from functools import lru_cache

from gateway.callers import Caller
from gateway.problems import HeadersTooLarge, MalformedRequest

Headers = Sequence[tuple[bytes, bytes]]
Fields = list[tuple[bytes, bytes]]
UNTRACED = frozenset((b"traceparent", b"tracestate"))

MAX_HEADERS = 100
MAX_HEADER_BYTES = 32 * 1024

HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer "
    b"transfer-encoding upgrade".split()
)
NOT_FORWARDED = HOP_BY_HOP | {b"host", b"content-length", b"expect", b"forwarded", b"baggage"}
NOT_RETURNED = HOP_BY_HOP | {b"server"}
IDENTITY = tuple(
    b"x-internal x-user x-auth x-forwarded x-real-ip x-original x-rewrite x-client-ip x-remote "
    b"x-principal".split()
)
"""Prefixes of what servers and frameworks may take for somebody's word on who is calling."""
SINGLE = tuple(
    b"host authorization content-length transfer-encoding content-type idempotency-key "
    b"traceparent x-forwarded-for x-forwarded-host x-forwarded-proto".split()
)

TRACEPARENT = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

ADDED = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-resource-policy", b"same-site"),
)


def by_name(headers: Headers) -> dict[bytes, bytes]:
    """Refuses what is said twice where two readers could believe two different things."""
    if len(headers) > MAX_HEADERS or sum(map(length, headers)) > MAX_HEADER_BYTES:
        raise HeadersTooLarge
    found = dict(headers)
    if len(found) < len(headers):
        names = [name for name, _ in headers]
        if any(names.count(name) > 1 for name in SINGLE):
            raise MalformedRequest("A header that may come once came twice.")
    return found


def length(header: tuple[bytes, bytes]) -> int:
    return len(header[0]) + len(header[1])


def named_by_connection(value: bytes | None) -> frozenset[bytes]:
    return frozenset(name.strip().lower() for name in value.split(b",")) if value else frozenset()


@lru_cache(maxsize=1000)
def is_forwarded(name: bytes) -> bool:
    """Some servers read X_User as X-User."""
    return not (name in NOT_FORWARDED or name.startswith(IDENTITY) or b"_" in name)


@lru_cache(maxsize=1000)
def returned_name(name: bytes) -> bytes | None:
    lowered = name.lower()
    return None if lowered in NOT_RETURNED else lowered


def for_upstream(headers: Headers, known: dict[bytes, bytes], caller: Caller) -> Fields:
    """What came, less what concerns only this hop and what only we may say, plus what we say."""
    dropped = named_by_connection(known.get(b"connection"))
    traced = b"traceparent" in known and TRACEPARENT.fullmatch(known[b"traceparent"]) is not None
    if not traced:
        dropped |= UNTRACED
    kept = [field for field in headers if field[0] not in dropped and is_forwarded(field[0])]
    try:
        for _, value in kept:
            if not value.isascii():
                value.decode()
    except UnicodeDecodeError as error:
        raise MalformedRequest("A header is not UTF-8.") from error
    if not traced:
        trace = secrets.token_hex(24)
        kept.append((b"traceparent", f"00-{trace[:32]}-{trace[32:]}-01".encode()))
    kept += (
        (b"x-forwarded-for", caller.address.encode()),
        (b"x-forwarded-proto", caller.scheme.encode()),
        (b"x-forwarded-host", caller.host.encode()),
    )
    return kept


def on_behalf_of(headers: Headers, caller: Caller) -> Fields:
    """For what the gateway asks by itself: the caller's token and trace, and no condition."""
    wanted = [pair for pair in headers if pair[0] in (b"authorization", b"traceparent")]
    return for_upstream(wanted, dict(wanted), caller)


def from_upstream(headers: Headers) -> list[tuple[bytes, bytes]]:
    kept = [(lowered, value) for name, value in headers if (lowered := returned_name(name))]
    named = named_by_connection(
        next((value for name, value in headers if name.lower() == b"connection"), None)
    )
    return [header for header in kept if header[0] not in named] if named else kept


def with_ours(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Adds what every answer carries, where a service has not said otherwise."""
    said = list(headers)
    names = {name for name, _ in said}
    return said + [header for header in ADDED if header[0] not in names]
