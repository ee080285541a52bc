from collections.abc import AsyncIterator

import pytest

from payments.stripe_provider import StripeProvider
from payments.testing import StripeDesk, listening


@pytest.fixture
def desk() -> StripeDesk:
    return StripeDesk()


@pytest.fixture
async def stripe(desk: StripeDesk) -> AsyncIterator[StripeProvider]:
    async with listening(desk.app()) as address:
        yield StripeProvider(desk.secret_key, desk.webhook_secret, address)
