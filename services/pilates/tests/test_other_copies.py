"""Businesses, services and staff members, as catalog tells them."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from chassis.testing import eventually, publish
from contracts import catalog
from pilates.copies.models import Business, Service, StaffMember

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("pilates")


async def test_a_business_is_kept_with_its_time_zone(nats_url: str, rows: Any) -> None:
    id_ = uuid4()
    said = catalog.Business(
        id=id_,
        version=1,
        slug="core-berlin",
        name="Core Berlin",
        time_zone="Europe/Berlin",
        currency="EUR",
        locale="de-DE",
    )
    await publish(
        nats_url, catalog.BusinessChanged(occurred_at=NOW, business_id=id_, business=said)
    )
    [copy] = await eventually(lambda: rows(Business, id_))
    assert (copy.name, copy.time_zone, copy.currency) == ("Core Berlin", "Europe/Berlin", "EUR")


async def test_a_service_is_kept_with_what_it_needs_and_costs(nats_url: str, rows: Any) -> None:
    business_id, id_ = uuid4(), uuid4()
    said = catalog.Service(
        id=id_,
        version=1,
        name="Reformer private",
        duration_minutes=55,
        buffer_before_minutes=0,
        buffer_after_minutes=5,
        slot_step_minutes=15,
        price_cents=9500,
        deposit_cents=0,
        staff_ids=[uuid4()],
        resource_kinds=["reformer"],
        credit_cost=2,
        notice_minutes=120,
        horizon_days=60,
        cancellation_window_minutes=1440,
        requires_approval=False,
        questions=[],
    )
    await publish(
        nats_url, catalog.ServiceChanged(occurred_at=NOW, business_id=business_id, service=said)
    )
    [copy] = await eventually(lambda: rows(Service, business_id))
    assert (copy.id, copy.resource_kinds, copy.credit_cost) == (id_, ["reformer"], 2)


async def test_an_archived_staff_member_stays_as_archived(nats_url: str, rows: Any) -> None:
    business_id, id_ = uuid4(), uuid4()
    said = catalog.StaffMember(id=id_, version=2, name="Noa", status="active", archived_at=NOW)
    await publish(
        nats_url,
        catalog.StaffMemberChanged(occurred_at=NOW, business_id=business_id, staff_member=said),
    )
    [copy] = await eventually(lambda: rows(StaffMember, business_id))
    assert (copy.name, copy.archived_at) == ("Noa", NOW)
