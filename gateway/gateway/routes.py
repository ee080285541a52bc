"""Which path belongs to which service. What is not in this table is not reachable."""

import re
from dataclasses import dataclass, field
from functools import cached_property

from chassis.problems import NotFound

OWN = "gateway"
PARAMETERS = {
    "{slug}": re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"),
    "{id}": re.compile(r".+", re.DOTALL),
}


@dataclass(frozen=True)
class Route:
    prefix: str
    service: str
    public: bool = False
    """Anyone may call, or the route itself asks for something else than an access token."""
    strict: bool = False
    """Under the limit for what guesses a secret, sends a mail or takes time from others."""

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(self.prefix[1:].split("/"))

    def slug(self, segments: tuple[str, ...]) -> str | None:
        """Of the public page or portal that is asked."""
        return segments[self.words.index("{slug}")] if "{slug}" in self.words else None


ROUTES = (
    Route("/api/auth", "catalog"),
    Route("/api/auth/sign-up", "catalog", public=True, strict=True),
    Route("/api/auth/sign-in", "catalog", public=True, strict=True),
    Route("/api/auth/refresh", "catalog", public=True, strict=True),
    Route("/api/members", "catalog"),
    Route("/api/members/invitations/accept", "catalog", public=True, strict=True),
    Route("/api/business", "catalog"),
    Route("/api/services", "catalog"),
    Route("/api/staff", "catalog"),
    Route("/api/customers", "catalog"),
    Route("/api/booking-pages", "catalog"),
    Route("/api/booking-pages/configuration-schema", "catalog", public=True),
    Route("/api/staff/{id}/working-hours", "scheduling"),
    Route("/api/staff/{id}/busy-calendars", "scheduling"),
    Route("/api/time-off", "scheduling"),
    Route("/api/availability", "scheduling"),
    Route("/api/appointments", "scheduling"),
    Route("/api/appointment-series", "scheduling"),
    Route("/api/receipts", "scheduling"),
    Route("/api/webhooks/payments", "scheduling", public=True),
    Route("/api/webhooks/class-payments", "pilates", public=True),
    Route("/api/resources", "pilates"),
    Route("/api/class-templates", "pilates"),
    Route("/api/class-series", "pilates"),
    Route("/api/class-sessions", "pilates"),
    Route("/api/class-receipts", "pilates"),
    Route("/api/package-types", "pilates"),
    Route("/api/customer-packages", "pilates"),
    Route("/api/public/booking/{slug}", "catalog", public=True),
    Route("/api/public/booking/{slug}/availability", "scheduling", public=True),
    Route("/api/public/booking/{slug}/holds", "scheduling", public=True, strict=True),
    Route("/api/public/booking/{slug}/appointments", "scheduling", public=True),
    Route("/api/public/booking/{slug}/class-sessions", "pilates", public=True),
    Route("/api/public/booking/{slug}/attendances", "pilates", public=True),
    Route("/api/public/deposits", "scheduling", public=True),
    Route("/api/public/drop-ins", "pilates", public=True),
    Route("/api/portal", "portal", public=True),
    Route("/api/portal/{slug}/magic-links", "portal", public=True, strict=True),
    Route("/api/portal/profile/email-changes", "portal", public=True, strict=True),
    Route("/portal/{slug}", "portal", public=True),
    Route("/manage", "portal", public=True),
    Route("/pages", "portal", public=True),
    Route("/join", "catalog", public=True),
    Route("/api/messages", "notifications"),
    Route("/api/public/unsubscribe", "notifications", public=True),
    Route("/api/calendar", OWN),
    Route("/api/calendar/live", OWN, public=True),
    Route("/api/calendar/live/tickets", OWN),
    Route("/api/feeds", OWN),
    Route("/feeds", OWN, public=True),
    Route("/api/openapi.json", OWN, public=True),
    Route("/api/docs", OWN, public=True),
    Route("/healthz", OWN, public=True),
    Route("/readyz", OWN, public=True),
    Route("/metrics", OWN, public=True),
)
MAILBOX = Route("/dev", "mailbox", public=True)
"""Of the embedded stack only."""


@dataclass
class Node:
    route: Route | None = None
    children: dict[str, "Node"] = field(default_factory=dict)

    def child(self, segment: str) -> "Node | None":
        if segment in self.children and segment not in PARAMETERS:
            return self.children[segment]
        for name, allowed in PARAMETERS.items():
            if name in self.children and allowed.fullmatch(segment):
                return self.children[name]
        return None


class RouteTable:
    def __init__(self, routes: tuple[Route, ...]) -> None:
        self._root = Node()
        for route in routes:
            node = self._root
            for segment in route.words:
                node = node.children.setdefault(segment, Node())
            node.route = route

    def find(self, segments: tuple[str, ...]) -> Route:
        """The longest prefix wins."""
        found, node = None, self._root
        for segment in segments:
            child = node.child(segment)
            if child is None:
                break
            node, found = child, child.route or found
        if found is None:
            raise NotFound
        return found
