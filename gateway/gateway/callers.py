"""Who is at the other end of the connection, or behind the proxy there."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from gateway.settings import Network


@dataclass(frozen=True)
class Caller:
    address: str
    scheme: str
    host: str
    """As asked for; services build links from their settings and never from it."""
    proxied: bool

    @property
    def network(self) -> str:
        """An IPv6 household or server has a /64, so addresses are counted by that."""
        return network_of(self.address)


class Callers:
    def __init__(self, trusted: tuple[Network, ...]) -> None:
        self._trusted = trusted

    def caller(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> Caller:
        peer = scope["client"][0] if scope.get("client") else "0.0.0.0"  # noqa: S104
        host = headers.get(b"host", b"").decode("latin-1")
        if not (self._trusted and within(peer, self._trusted)):
            return Caller(peer, scope["scheme"], host, proxied=b"x-forwarded-for" in headers)
        scheme = headers.get(b"x-forwarded-proto", b"").decode("latin-1")
        forwarded = headers.get(b"x-forwarded-for", b"").decode("latin-1")
        return Caller(
            self._behind(peer, forwarded),
            scheme if scheme in ("http", "https") else scope["scheme"],
            headers.get(b"x-forwarded-host", b"").decode("latin-1") or host,
            proxied=True,
        )

    def _behind(self, peer: str, forwarded: str) -> str:
        """The last address that no trusted proxy vouches for as another proxy of ours."""
        found = peer
        for claimed in reversed(forwarded.split(",")):
            address = parsed(claimed.strip())
            if address is None:
                break
            found = str(address)
            if not within(found, self._trusted):
                break
        return found


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=10_000)
def within(text: str, networks: tuple[Network, ...]) -> bool:
    address = parsed(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address is not None and any(address in network for network in networks)


@lru_cache(maxsize=10_000)
def network_of(text: str) -> str:
    address = parsed(text)
    if isinstance(address, IPv6Address) and not address.ipv4_mapped:
        return str(ip_network((address, 64), strict=False))
    return text
