"""Whatever a signed-in client sends, the answer is never a defect of ours."""

import json
from itertools import product
from typing import Any
from uuid import uuid4

ODD: tuple[Any, ...] = (
    *("", " ", "\0", "a\0b", "\ud800", "x" * 6000, "ﷺ" * 300, "<script>", "\r\nSet-Cookie: a=b"),
    *(0, -1, 2**63, 1e400, True, None, [], {}, ["x"], {"a": {"b": 1}}),
    *("2027-13-45", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2027-01-05T10:00:00.5Z"),
    str(uuid4()),
)
BODIES = {
    ("POST", "/bookings"): (
        *("session_id", "spot_id", "pay_with", "join_waitlist"),
        *("service_id", "starts_at", "staff_id", "answers"),
    ),
    ("POST", "/bookings/{id}/cancel"): ("reason",),
    ("POST", "/bookings/{id}/reschedule"): ("starts_at", "staff_id", "session_id", "spot_id"),
    ("PUT", "/profile"): ("name", "phone", "locale", "time_zone", "contact_preferences"),
    ("POST", "/profile/email-changes"): ("email",),
    ("POST", "/profile/email-changes/confirm"): ("token",),
    ("POST", "/session"): ("token", "keep_signed_in"),
}
QUERIES = {
    "/bookings": ("when", "limit", "cursor", "other"),
    "/receipts": ("limit", "cursor"),
    "/classes": ("from", "to", "session_id"),
    "/bookings/{id}/slots": ("from", "to", "staff_id"),
    "/services/{id}/slots": ("from", "to", "staff_id"),
}
HEADERS = {
    "If-Match": ("", "*", "x", '"', '"99999999999"', 'W/"1"', "é"),
    "Idempotency-Key": ("", "x" * 5000, "é"),
    "If-None-Match": ("", "x" * 5000),
    "X-Forwarded-For": ("", "x", "1.2.3.4, 5.6.7.8", "::1%eth0", "x" * 5000),
    "Cookie": ("__Host-bookly-portal=", "__Host-bookly-portal=a.b.c", "x" * 5000),
}


async def test_nothing_that_is_sent_is_a_defect(studio, clock) -> None:
    clock.set("2027-01-04T09:00:00+00:00")
    mia = await studio.client()
    id_ = await studio.appointment(mia.customer_id, "2027-01-06T09:00:00Z")
    await mia.booking(id_)
    answers: list[tuple[Any, int]] = []
    # Every other one is enough: each oddness meets each kind of field.
    for number, (((method, path), names), odd) in enumerate(product(BODIES.items(), ODD)):
        for name in names[number % 2 :: 2]:
            body = ({"name": "Mia"} if path == "/profile" else {}) | {name: odd}
            answer = await sent(mia, method, path.format(id=id_), body)
            answers.append(((method, path, name, str(odd)[:40]), answer))
    for number, ((path, names), odd) in enumerate(product(QUERIES.items(), ODD)):
        for name in names[number % 2 :: 2]:
            query = {"from": "2027-01-05", "to": "2027-01-06"} if "o" in names[1] else {}
            wanted = query | {name: str(odd).replace("\ud800", "?")}
            told = await mia.ask("GET", path.format(id=id_), params=wanted)
            answers.append(((path, name, str(odd)[:40]), told.status_code))
    for name, values in HEADERS.items():
        for value in values:
            headers = [(name.encode(), value.encode())]
            told = await mia.portal.post(
                f"/api/portal/{studio.slug}/magic-links",
                json={"email": f"{uuid4().hex}@example.com"},
                headers=headers,
            )
            answers.append(((name, value), told.status_code))
            told = await mia.portal.post(f"/api/portal/bookings/{id_}/cancel", headers=headers)
            answers.append(((name, value), told.status_code))
    assert [one for one in answers if one[1] >= 500] == []


async def sent(client: Any, method: str, path: str, body: dict[str, Any]) -> int:
    headers = {"Content-Type": "application/json", "If-Match": "*"}
    content = json.dumps(body)
    answer = await client.ask(method, path, content=content, headers=headers)
    return int(answer.status_code)
