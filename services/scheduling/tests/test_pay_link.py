"""The link in a guest's mail, opened by the guest, by a machine, and too late."""

import json
from typing import Any

import httpx2
import pytest

from services.scheduling.tests.till import Till


def events(till: Till, what: str) -> list[dict[str, Any]]:
    address = f"scheduling.appointment.{what}.v1.{till.studio.id}"
    found = till.rows(f"SELECT body FROM outbox WHERE address = '{address}' ORDER BY position")
    return [json.loads(row["body"]) for row in found]


def mailed_link(till: Till) -> str:
    [requested] = events(till, "requested")
    url = httpx2.URL(requested["pay_url"])
    assert url.scheme in ("http", "https")
    return url.path


async def test_whoever_opens_the_link_comes_out_where_it_is_paid(till: Till) -> None:
    booked = await till.book()
    opened = await till.studio.client.get(mailed_link(till))
    assert opened.status_code == 303, opened.text
    assert opened.headers["cache-control"] == "no-store"
    assert opened.headers["location"] == (await till.studio.client.post(booked.link)).json()["url"]
    await till.tell("paid", till.sandbox.pay(opened.headers["location"]))
    assert await booked.is_("confirmed", "paid")


async def test_a_machine_that_looks_into_mails_decides_nothing(till: Till) -> None:
    booked = await till.book()
    before = await booked.now()
    known = len(till.sandbox.checkouts)
    head = await till.studio.client.head(mailed_link(till))
    assert (head.status_code, head.text, len(till.sandbox.checkouts)) == (200, "", known)
    found = {(await till.studio.client.get(mailed_link(till))).headers["location"] for _ in "many"}
    assert len(found) == len(till.sandbox.checkouts) - known == 1
    assert await booked.now() == before
    assert till.told() == ["appointment.requested"]
    await till.tell("paid", await booked.checkout())
    assert await booked.is_("confirmed", "paid")


@pytest.mark.parametrize("outcome", ["paid", "declined", "late"])
async def test_what_is_decided_is_not_paid_any_more(till: Till, clock: Any, outcome: str) -> None:
    booked = await till.book()
    link = mailed_link(till)
    if outcome == "paid":
        await till.tell("paid", await booked.checkout())
    elif outcome == "declined":
        assert (await booked.change("cancel")).status_code == 200
    else:
        clock.set(booked.pay_by.isoformat())
    opened = await till.studio.client.get(link)
    assert (opened.status_code, opened.json()["type"]) == (410, "/problems/deposit-not-awaited")
    assert (opened.json()["deposit_status"] == "paid") == (outcome == "paid")
    assert "location" not in opened.headers


async def test_a_link_that_was_never_given_leads_nowhere(till: Till) -> None:
    await till.book()
    link = mailed_link(till)
    place, secret, end = link.rpartition("/")[0].rpartition("/")[0], link.split("/")[-2], "/pay"
    other = "A" if secret[-1] != "A" else "B"
    for wrong in (secret[:-1] + other, secret[:-1], "%00", "x"):
        opened = await till.studio.client.get(f"{place}/{wrong}{end}")
        assert opened.status_code == 404, wrong


async def test_a_cancellation_says_whether_it_was_confirmed_before(till: Till) -> None:
    pending = await till.book("2027-01-04T08:00:00Z")
    confirmed = await till.book("2027-01-04T10:00:00Z")
    assert (await confirmed.change("confirm")).status_code == 200
    for booked in (pending, confirmed):
        assert (await booked.change("cancel")).status_code == 200
    told = {event["appointment"]["id"]: event for event in events(till, "cancelled")}
    assert told[pending.answer["id"]]["was_confirmed"] is False
    assert told[confirmed.answer["id"]]["was_confirmed"] is True
