"""One GET of somebody else's server, which may be anything: slow, endless, or not there at all."""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from aiohttp import (
    ClientConnectorDNSError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
)
from yarl import URL

from scheduling.busy_calendars.fetch_policy import FetchPolicy, NotFetched

MAX_REDIRECTS = 3
MAX_BYTES = 5_000_000
LONGEST_MARK = 500
REDIRECTS = (301, 302, 303, 307, 308)
HEADERS = {
    "Accept": "text/calendar",
    # What comes as it is cannot grow after it was measured.
    "Accept-Encoding": "identity",
    "User-Agent": "Bookly",
}

AddressInfo = tuple[
    int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[object, ...]
]


@dataclass(frozen=True)
class Fetched:
    content: bytes | None
    """None: it is what it was."""
    etag: str | None = None
    last_modified: str | None = None

    def conditions(self) -> dict[str, str]:
        conditions = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in conditions.items() if value}


async def fetch(address: str, policy: FetchPolicy, known: Fetched | None = None) -> Fetched:
    """Raises NotFetched, and nothing else: what others make of our request is no defect of ours."""
    conditions = known.conditions() if known else {}
    try:
        async with asyncio.timeout(policy.seconds), client(policy) as session:
            return await follow(session, policy, policy.check(address), conditions)
    except TimeoutError as error:
        raise NotFetched("too_slow") from error
    except ClientConnectorDNSError as error:
        raise NotFetched("unknown_host") from error
    except (ClientError, OSError, ValueError, IndexError) as error:
        raise NotFetched("unreachable") from error


def client(policy: FetchPolicy) -> ClientSession:
    connector = TCPConnector(
        socket_factory=partial(checked_socket, policy),
        use_dns_cache=False,
        force_close=True,
        happy_eyeballs_delay=None,
    )
    return ClientSession(
        connector=connector,
        headers=HEADERS,
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        timeout=ClientTimeout(total=None),
    )


def checked_socket(policy: FetchPolicy, info: AddressInfo) -> socket.socket:
    """The last step before a connection: no name is looked up between this check and it."""
    family, kind, protocol, _, place = info
    policy.check_address(str(place[0]))
    return socket.socket(family, kind, protocol)


async def follow(
    session: ClientSession, policy: FetchPolicy, url: URL, conditions: Mapping[str, str]
) -> Fetched:
    for _ in range(1 + MAX_REDIRECTS):
        async with session.get(url, headers=conditions, allow_redirects=False) as response:
            if response.status not in REDIRECTS:
                return await content_of(response, asked_conditionally=bool(conditions))
            elsewhere = URL(response.headers.get("Location", ""))
            url = policy.check(str(url.join(elsewhere)))
    raise NotFetched("too_many_redirects")


async def content_of(response: ClientResponse, *, asked_conditionally: bool) -> Fetched:
    marks = mark(response, "ETag"), mark(response, "Last-Modified")
    if response.status == 304 and asked_conditionally:
        return Fetched(None, *marks)
    if response.status != 200:
        raise NotFetched("answered_with_status", response.status)
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NotFetched("compressed")
    content = bytearray()
    if (response.content_length or 0) > MAX_BYTES:
        raise NotFetched("too_large")
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > MAX_BYTES:
            raise NotFetched("too_large")
    return Fetched(bytes(content), *marks)


def mark(response: ClientResponse, name: str) -> str | None:
    """What no column could hold, or nobody would repeat, is no mark."""
    value = response.headers.get(name, "")
    return value if value.isascii() and 0 < len(value) <= LONGEST_MARK else None
