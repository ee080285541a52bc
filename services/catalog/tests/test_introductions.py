"""What other services may ask."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from catalog.settings import CatalogSettings
from chassis.requests import ask
from chassis.runtime import Runtime, running
from chassis.testing import eventually
from contracts.catalog import Introduce, IntroducePage, Introduction, PageIntroduction


@pytest.fixture
async def scheduling(settings: CatalogSettings) -> AsyncIterator[Runtime]:
    async with running(settings, []) as runtime:

        async def is_connected() -> bool:
            return runtime.nats.is_connected

        await eventually(is_connected)
        yield runtime


async def test_things_are_introduced_within_their_business_only(
    studio: Any, scheduling: Runtime
) -> None:
    made = {
        "business": studio.signed_in["business"],
        "staff_member": await studio.add("staff", name="Ana"),
        "customer": await studio.add("customers", name="Cleo", notes="Knee"),
        "service": await studio.add("services", name="Reformer", duration_minutes=55),
    }
    for noun, thing in made.items():
        question = Introduce(business_id=studio.id, noun=noun, id=thing["id"])
        answer = (await ask(scheduling, question, Introduction)).snapshot()
        assert str(answer.id) == thing["id"]  # type: ignore[union-attr]
        assert "Knee" not in str(answer)
        foreign = Introduce(business_id=uuid4(), noun=noun, id=thing["id"])
        assert (await ask(scheduling, foreign, Introduction)).snapshot() is None


async def test_a_page_is_introduced_by_its_slug_alone(studio: Any, scheduling: Runtime) -> None:
    slug = f"p-{uuid4().hex[:8]}"
    await studio.add("booking-pages", slug=slug, title="Book", published=True)
    answer = await ask(scheduling, IntroducePage(slug=slug), PageIntroduction)
    assert answer.page is not None
    assert answer.page.business_id == studio.id
    assert (await ask(scheduling, IntroducePage(slug="none"), PageIntroduction)).page is None
