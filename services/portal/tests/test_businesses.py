from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from chassis.testing import eventually, publish
from contracts import catalog
from portal.copies.models import Business

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("portal")


async def test_a_business_is_kept_with_its_slug_and_time_zone(nats_url: str, rows: Any) -> None:
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
    assert (copy.slug, copy.time_zone) == ("core-berlin", "Europe/Berlin")
