"""Pilates's part of a calendar feed."""

from datetime import UTC, datetime
from uuid import uuid4

import nats
import pytest

from chassis.requests import Envelope
from chassis.testing import eventually
from contracts.feeds import FeedPart, ReadPilatesFeed


@pytest.mark.usefixtures("pilates")
async def test_a_feed_without_class_sessions_has_an_empty_part(nats_url: str) -> None:
    connection = await nats.connect(nats_url)
    business_id = uuid4()
    question = ReadPilatesFeed(
        business_id=business_id, scope="business", id=business_id, names=True, at=datetime.now(UTC)
    )

    async def answer() -> bytes | None:
        try:
            body = question.model_dump_json().encode()
            return (await connection.request(ReadPilatesFeed.subject, body, timeout=1)).data
        except (TimeoutError, nats.errors.Error):
            return None

    envelope = Envelope.model_validate_json(await eventually(answer))
    await connection.close()
    assert FeedPart.model_validate(envelope.reply) == FeedPart(version="0", events="")
