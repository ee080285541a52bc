import pytest

from chassis.problems import NotFound
from gateway.openapi_merge import route_of
from gateway.routes import OWN, ROUTES, RouteTable

TABLE = RouteTable(ROUTES)


def service_of(path):
    return TABLE.find(tuple(path[1:].split("/"))).service


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/api/staff", "catalog"),
        ("/api/staff/1", "catalog"),
        ("/api/staff/1/working-hours", "scheduling"),
        ("/api/staff/1/working-hours/exceptions", "scheduling"),
        ("/api/staff/1/busy-calendars/2", "scheduling"),
        ("/api/webhooks/payments/stripe", "scheduling"),
        ("/api/webhooks/class-payments/stripe", "pilates"),
        ("/api/public/deposits/1/checkout", "scheduling"),
        ("/api/public/drop-ins/1/checkout", "pilates"),
        ("/api/public/booking/core-berlin", "catalog"),
        ("/api/public/booking/core-berlin/availability", "scheduling"),
        ("/api/public/booking/core-berlin/class-sessions/1", "pilates"),
        ("/api/public/booking/availability", "catalog"),
        ("/api/portal/core/magic-links", "portal"),
        ("/portal/core", "portal"),
        ("/portal/core/sign-in", "portal"),
        ("/manage/AAEC_-==", "portal"),
        ("/pages/look.css", "portal"),
        ("/join", "catalog"),
        ("/join/join.js", "catalog"),
        ("/api/calendar", OWN),
        ("/api/calendar/live", OWN),
        ("/feeds/token.ics", OWN),
    ],
)
def test_the_longest_prefix_wins(path, service):
    assert service_of(path) == service


def test_a_prefix_ends_where_a_segment_ends():
    with pytest.raises(NotFound):
        service_of("/api/services-of-others")


@pytest.mark.parametrize("name", ["catalog", "scheduling", "pilates", "portal", "notifications"])
def test_every_route_of_a_service_is_reached_through_the_gateway(documents, name):
    for path, item in documents[name]["paths"].items():
        route = route_of(path, TABLE)
        assert route is not None, path
        # The merged calendar stands in front of the services' own.
        assert route.service in (name, OWN) if path == "/api/calendar" else route.service == name
        for operation in item.values():
            assert route.public or operation["security"] == [{"access-token": []}], path
            assert not (route.public and operation.get("security")) or name == "portal", path
