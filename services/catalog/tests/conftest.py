import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx2
import nats
import pytest
from nats.aio.msg import Msg

from catalog import main, worker
from catalog.settings import CatalogSettings
from chassis.testing import eventually, served
from contracts.pilates import CountFuturePlaces
from contracts.scheduling import CountFutureBookings
from stack.signer import Signer
from stack.testing import nats_url

PASSWORD = "reformer-and-cadillac"

Headers = dict[str, str]


@pytest.fixture(scope="session")
def settings(migrated: Callable[[str], str], nats_url: str, signer: Signer) -> CatalogSettings:
    return CatalogSettings(
        database_url=migrated("catalog"),
        nats_url=nats_url,
        public_keys=signer.public_keys,
        signing_key=signer.signing_key,
    )


@pytest.fixture(scope="session")
async def catalog(settings: CatalogSettings) -> AsyncIterator[httpx2.AsyncClient]:
    async with served(main.create(settings)) as client, served(worker.create(settings)):
        yield client


@dataclass
class Heard:
    """Every event that catalog has told since the tests began."""

    messages: list[Msg]

    async def told(self, subject: str, business_id: object, **members: Any) -> dict[str, Any]:
        """The newest event of this subject in this business with these members."""

        address = f"catalog.{subject}.v1.{business_id}"

        async def look() -> dict[str, Any] | None:
            for message in reversed(self.messages):
                if message.subject != address:
                    continue
                event: dict[str, Any] = json.loads(message.data)
                if members.items() <= flat(event).items():
                    return event
            return None

        return await eventually(look)


def flat(event: dict[str, Any]) -> dict[str, Any]:
    """The event's own members and those of the thing it is about."""
    simple = {key: value for key, value in event.items() if not isinstance(value, dict | list)}
    for value in event.values():
        if isinstance(value, dict):
            simple |= {k: v for k, v in value.items() if not isinstance(v, dict | list)}
    return simple


@pytest.fixture(scope="session")
async def heard(nats_url: str, catalog: httpx2.AsyncClient) -> AsyncIterator[Heard]:
    connection = await nats.connect(nats_url)
    messages: list[Msg] = []

    async def keep(message: Msg) -> None:
        messages.append(message)

    await connection.subscribe("catalog.>", cb=keep)
    await connection.flush()
    yield Heard(messages)
    await connection.close()


@dataclass
class Studio:
    """A business and its owner, signed up through the door."""

    catalog: httpx2.AsyncClient
    heard: Heard
    signed_in: dict[str, Any]
    email: str

    @property
    def id(self) -> UUID:
        return UUID(self.signed_in["business"]["id"])

    @property
    def owner(self) -> Headers:
        return bearer(self.signed_in)

    async def invite(self, email: str | None = None, **wanted: Any) -> str:
        """The token that the invited person finds in the mail."""
        email = email or f"{uuid4().hex[:12]}@staff.example"
        made = await self.catalog.post(
            "/api/members/invitations", json={"email": email} | wanted, headers=self.owner
        )
        assert made.status_code == 201, made.text
        event = await self.heard.told("member.invited", self.id, email=email)
        return str(event["accept_url"].partition("#token=")[2])

    async def join(self, *permissions: str, **wanted: Any) -> dict[str, Any]:
        """Somebody new, invited and arrived: what signing in answered them."""
        token = await self.invite(permissions=permissions, **wanted)
        joined = await self.catalog.post(
            "/api/members/invitations/accept",
            json={"token": token, "name": "Newcomer", "password": PASSWORD},
        )
        assert joined.status_code == 201, joined.text
        answer: dict[str, Any] = joined.json()
        return answer

    async def add(self, noun: str, **wanted: Any) -> dict[str, Any]:
        made = await self.catalog.post(f"/api/{noun}", json=wanted, headers=self.owner)
        assert made.status_code == 201, made.text
        answer: dict[str, Any] = made.json()
        return answer


def bearer(signed_in: dict[str, Any]) -> Headers:
    return {"Authorization": f"Bearer {signed_in['access_token']}"}


@pytest.fixture(scope="session")
def bearer_of() -> Callable[[dict[str, Any]], Headers]:
    return bearer


@pytest.fixture(scope="session")
def found(catalog: httpx2.AsyncClient, heard: Heard) -> Callable[..., Awaitable[Studio]]:
    """Founds a studio."""

    async def sign_up(**changed: Any) -> Studio:
        email = f"{uuid4().hex[:12]}@owner.example"
        wanted = {
            "email": email,
            "password": PASSWORD,
            "name": "Olga Owner",
            "business_name": "Core Berlin",
            "time_zone": "Europe/Berlin",
            "currency": "EUR",
            "locale": "de-DE",
        } | changed
        made = await catalog.post("/api/auth/sign-up", json=wanted)
        assert made.status_code == 201, made.text
        return Studio(catalog, heard, made.json(), wanted["email"])

    return sign_up


@pytest.fixture
async def studio(found: Callable[..., Awaitable[Studio]]) -> Studio:
    return await found()


@dataclass
class FutureBookings:
    """Scheduling and pilates, as far as catalog asks them."""

    of: dict[str, int]
    answers: bool = True
    places_of: dict[str, int] = field(default_factory=dict)
    classes_answer: bool = True


@pytest.fixture
async def future_bookings(nats_url: str) -> AsyncIterator[FutureBookings]:
    connection = await nats.connect(nats_url)
    state = FutureBookings({})

    async def answer(message: Msg) -> None:
        question = CountFutureBookings.model_validate_json(message.data)
        count = state.of.get(f"{question.noun} {question.id}", 0)
        if state.answers:
            await message.respond(f'{{"reply": {{"count": {count}}}}}'.encode())

    async def answer_for_classes(message: Msg) -> None:
        question = CountFuturePlaces.model_validate_json(message.data)
        count = state.places_of.get(f"{question.noun} {question.id}", 0)
        if state.classes_answer:
            await message.respond(f'{{"reply": {{"count": {count}}}}}'.encode())

    await connection.subscribe(CountFutureBookings.subject, cb=answer)
    await connection.subscribe(CountFuturePlaces.subject, cb=answer_for_classes)
    await connection.flush()
    yield state
    await connection.close()
