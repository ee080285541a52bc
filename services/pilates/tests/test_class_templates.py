"""Templates: what classes have in common, and who may say so."""

from typing import Any
from uuid import uuid4

import pytest

from chassis.audit import AuditEntry
from services.pilates.tests.studio import CLASS, Studio


async def test_a_template_is_made_changed_listed_and_archived(studio: Studio, rows: Any) -> None:
    room, _ = await studio.room_with(1)
    wanted = CLASS | {"room_id": room, "instructor_id": str(studio.staff[0])}
    quiet = {"quiet_from": "22:00:00", "quiet_until": "07:00:00"}
    answer = await studio.ask("POST", "/class-templates", json=wanted | quiet)
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    made = answer.json()
    assert answer.headers["Location"] == f"/api/class-templates/{made['id']}"
    assert made.items() >= (wanted | quiet).items()
    place = f"/class-templates/{made['id']}"
    headers = {"If-Match": '"1"'}
    changed = await studio.told("PUT", place, json=wanted | {"capacity": 6}, headers=headers)
    assert (changed["capacity"], changed["quiet_from"], changed["version"]) == (6, None, 2)
    stale = await studio.ask("PUT", place, json=wanted, headers=headers)
    assert (stale.status_code, stale.json()["current"]["capacity"]) == (412, 6)
    assert (await studio.ask("DELETE", place)).status_code == 204
    listed = await studio.told("GET", "/class-templates")
    assert listed["items"] == []
    archived = await studio.told("GET", "/class-templates", params={"archived": True})
    assert [one["id"] for one in archived["items"]] == [made["id"]]
    made_of_it = await studio.ask(
        "POST", "/class-sessions", json={"template_id": made["id"], "starts_at": "2027-01-11T18:00"}
    )
    assert made_of_it.status_code == 404
    trail = sorted(await rows(AuditEntry, studio.id), key=lambda one: one.id)
    told = [one.action for one in trail if str(one.subject_id) == made["id"]]
    assert told == [f"class-template.{what}" for what in ("created", "changed", "archived")]


@pytest.mark.parametrize(
    "changed",
    [
        {"name": ""},
        {"name": "x" * 201},
        {"name": "a\u0000b"},
        {"capacity": 0},
        {"capacity": 501},
        {"capacity": "8"},
        {"capacity": 8.0},
        {"capacity": 10**30},
        {"duration_minutes": 4},
        {"duration_minutes": 1441},
        {"credit_cost": -1},
        {"price_cents": 10**12},
        {"waitlist_mode": "lottery"},
        {"quiet_from": "22:00:30", "quiet_until": "07:00"},
        {"quiet_from": "22:00+01:00", "quiet_until": "07:00"},
        {"quiet_from": "22:00"},
        {"quiet_from": "22:00", "quiet_until": "22:00"},
        {"largest_party": 0},
        {"props": [{"resource_id": str(uuid4()), "quantity": 0}]},
        {"props": [{"resource_id": "x", "quantity": 1}]},
        {"spot_kind": ""},
        {"surprise": True},
    ],
)
async def test_what_is_no_template_is_refused(untouched: Studio, changed: dict[str, Any]) -> None:
    answer = await untouched.ask("POST", "/class-templates", json=CLASS | changed)
    assert answer.status_code == 422, answer.text
    wanted = CLASS | changed | {"starts_at": "2027-01-11T18:00"}
    answer = await untouched.ask("POST", "/class-sessions", json=wanted)
    assert answer.status_code == 422, answer.text


async def test_what_it_names_is_the_studio_s_own(studio: Studio, open_studio: Any) -> None:
    theirs = await open_studio()
    room, [machine] = await theirs.room_with(1)
    own_room, _ = await studio.room_with(1)
    for foreign in (
        {"room_id": room},
        {"room_id": machine},
        {"props": [{"resource_id": room, "quantity": 1}]},
        {"props": [{"resource_id": own_room, "quantity": 1}]},
    ):
        answer = await studio.ask("POST", "/class-templates", json=CLASS | foreign)
        assert answer.status_code == 404, foreign
        wanted = CLASS | foreign | {"starts_at": "2027-01-11T18:00"}
        assert (await studio.ask("POST", "/class-sessions", json=wanted)).status_code == 404
    template = await theirs.template()
    made = await theirs.publish_class("2027-01-11T18:00")
    series = {"starts_at": "2027-01-11T18:00", "rule": "FREQ=DAILY;COUNT=2"}
    for method, path, body in (
        ("GET", f"/class-templates/{template}", None),
        ("PUT", f"/class-templates/{template}", CLASS),
        ("DELETE", f"/class-templates/{template}", None),
        ("POST", f"/class-templates/{template}/changes", {"template": CLASS}),
        ("POST", "/class-series", series | {"template_id": template}),
        ("GET", f"/class-series/{uuid4()}", None),
        ("GET", f"/class-sessions/{made['id']}", None),
        ("PATCH", f"/class-sessions/{made['id']}", {"capacity": 3}),
        ("DELETE", f"/class-sessions/{made['id']}", None),
        ("POST", f"/class-sessions/{made['id']}/publish", None),
        ("POST", f"/class-sessions/{made['id']}/cancel", {}),
        ("POST", f"/class-sessions/{made['id']}/changes", {"scope": "this", "cancel": True}),
    ):
        headers = {"If-Match": "*"}
        answer = await studio.ask(method, path, json=body, headers=headers)
        assert answer.status_code == 404, (method, path, answer.text)


async def test_every_member_sees_classes_and_some_may_change_them(studio: Studio) -> None:
    made = await studio.publish_class("2027-01-11T18:00")
    template = await studio.template()
    member, manager = studio.member(), studio.member("MANAGE_CLASSES")
    for place in (f"/class-sessions/{made['id']}", "/class-sessions", "/class-templates"):
        assert (await studio.ask("GET", place, headers=member)).status_code == 200
    wanted = CLASS | {"starts_at": "2027-01-12T18:00"}
    one = f"/class-sessions/{made['id']}"
    for method, path, body in (
        ("POST", "/class-templates", CLASS),
        ("PUT", f"/class-templates/{template}", CLASS),
        ("POST", "/class-sessions", wanted),
        ("PATCH", one, {"capacity": 9}),
        ("POST", f"{one}/changes", {"scope": "this", "cancel": True}),
        ("POST", f"{one}/cancel", {}),
        ("DELETE", f"/class-templates/{template}", None),
    ):
        headers = {"If-Match": "*"}
        refused = await studio.ask(method, path, json=body, headers=headers | member)
        assert (refused.status_code, refused.json()["missing"]) == (403, ["MANAGE_CLASSES"])
        answer = await studio.ask(method, path, json=body, headers=headers | manager)
        assert answer.is_success, (method, path, answer.text)
    assert (await studio.client.get("/api/class-sessions")).status_code == 401
