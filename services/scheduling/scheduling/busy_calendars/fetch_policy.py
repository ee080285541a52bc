"""Where calendars may be fetched from: the open internet, and nothing inside of it."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal

from yarl import URL

Network = IPv4Network | IPv6Network

Failure = Literal[
    "not_an_address",
    "not_https",
    "port_refused",
    "credentials_in_address",
    "address_refused",
    "unknown_host",
    "unreachable",
    "too_slow",
    "too_many_redirects",
    "answered_with_status",
    "compressed",
    "too_large",
    "not_a_calendar",
    "too_much_to_read",
]
"""`address_refused`: it, or what it redirects to, leads into a network that is not public."""

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""Leaves out what carries an IPv4 address within: mapped, translated (NAT64), compatible."""
NOT_FOR_US = (
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2002::/16"),  # 6to4: an IPv4 address, of whatever network, lies within.
    IPv6Network("3fff::/20"),
)
"""Python counts them as global, of some releases that we run on."""


class NotFetched(Exception):
    def __init__(self, failure: Failure, status: int | None = None) -> None:
        super().__init__(failure)
        self.failure, self.status = failure, status


@dataclass(frozen=True)
class FetchPolicy:
    ports: frozenset[int] = frozenset({443})
    seconds: float = 10
    """For everything: names, redirects and the last byte."""
    inside: tuple[Network, ...] = ()
    """Networks of tests, whose servers speak plain HTTP on any port."""

    def check(self, text: str) -> URL:
        """Raises NotFetched for what no connection is tried to."""
        try:
            url = parsed(text.strip())
            host, port = url.host, url.port
        except (ValueError, IndexError) as error:  # Brackets around nothing are yarl's IndexError.
            raise NotFetched("not_an_address") from error
        if (not self.inside and url.scheme != "https") or url.scheme not in ("http", "https"):
            raise NotFetched("not_https")
        if not host or not host.isprintable():
            raise NotFetched("not_an_address")
        if url.user is not None or url.password is not None:
            raise NotFetched("credentials_in_address")
        if not self.inside and port not in self.ports:
            raise NotFetched("port_refused")
        self._check_literal(host)
        return url

    def _check_literal(self, host: str) -> None:
        try:
            ip_address(host)
        except ValueError:
            return  # A name: what it stands for is checked when it is connected to.
        self.check_address(host)

    def check_address(self, text: str) -> None:
        """Raises NotFetched unless everybody on the internet means the same machine by it."""
        address = ip_address(text)
        if any(address in network for network in self.inside):
            return
        if not is_public(address):
            raise NotFetched("address_refused")


def parsed(text: str) -> URL:
    url = URL(text)
    if url.scheme in ("webcal", "webcals"):
        url = url.with_scheme("https")
    # What yarl writes it does not always read again, and the written form is what we keep.
    return URL(str(url))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return not any(address in network for network in NOT_FOR_US)
