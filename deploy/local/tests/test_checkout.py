"""The sandbox provider as its own process, and the adapter that speaks to it."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chassis.testing import eventually
from payments.problems import PaymentRefused
from payments.provider import Checkout, Fact, Refund
from payments.sandbox_provider import SandboxProvider
from payments.testing import listening
from stack.ports import free_ports
from stack.probes import says_ready
from stack.processes import Process, running
from stack.programs import Program

SECRET = "between the two"


@dataclass
class Studio:
    """Who is told of payments; may be out."""

    heard: list[Fact | None] = field(default_factory=list)
    at: list[str] = field(default_factory=list)
    """The paths at which it was told."""
    is_out: bool = False

    def app(self) -> Starlette:
        path = "/api/webhooks/{endpoint}/sandbox"
        return Starlette(routes=[Route(path, self.hear, methods=["POST"])])

    async def hear(self, request: Request) -> Response:
        if self.is_out:
            return Response(status_code=503)
        provider = SandboxProvider("http://nowhere", SECRET)
        self.at.append(request.url.path)
        self.heard.append(provider.read(await request.body(), dict(request.headers)))
        return Response()


class Desk:
    """The mailbox's process, on a port that stays when it is started again."""

    def __init__(self, home: Path, studio_url: str) -> None:
        self.smtp_port, self.port = free_ports(2)
        self.url, self.home = f"http://127.0.0.1:{self.port}", home
        self.provider = SandboxProvider(self.url, SECRET)
        self.program = Program(
            name="mailbox",
            module="stack.mailbox",
            environment={
                "BOOKLY_HOME": str(home),
                "BOOKLY_SMTP_PORT": str(self.smtp_port),
                "BOOKLY_PORT": str(self.port),
                "BOOKLY_PUBLIC_URL": studio_url,
                "BOOKLY_SANDBOX_SECRET": SECRET,
            },
            is_ready=says_ready(self.port),
        )

    @contextmanager
    def open(self) -> Iterator[Process]:
        with running(self.program, self.home / "mailbox.log") as process:
            yield process

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        async with httpx2.AsyncClient(base_url=self.url) as http:
            return await http.request(method, path, **more)


@pytest.fixture
def studio() -> Studio:
    return Studio()


@pytest.fixture
async def desk(tmp_path: Path, studio: Studio) -> AsyncIterator[Desk]:
    async with listening(studio.app()) as studio_url:
        yield Desk(tmp_path, studio_url)


WANTED = Checkout(
    reference="business.deposit",
    amount_cents=2000,
    currency="EUR",
    title="Deposit: <Reformer>",
    email="ada@example.com",
    paid_url="http://studio.example/paid",
    left_url="http://studio.example/left",
    ends_at=datetime.now(UTC),
)


async def test_what_is_paid_is_told_and_the_payer_comes_back(desk: Desk, studio: Studio) -> None:
    with desk.open():
        started = await desk.provider.start(WANTED)
        assert await desk.provider.start(WANTED) == started
        page = await desk.ask("GET", f"/dev/checkout/{started.id}")
        assert "20.00 EUR" in page.text
        assert "Deposit: &lt;Reformer&gt;" in page.text
        left = await desk.ask("POST", f"/dev/checkout/{started.id}/leave")
        assert left.headers["location"] == WANTED.left_url
        paid = await desk.ask("POST", f"/dev/checkout/{started.id}/pay")
    assert (paid.status_code, paid.headers["location"]) == (303, WANTED.paid_url)
    [fact] = studio.heard
    assert fact is not None
    assert (fact.kind, fact.reference, fact.checkout_id) == ("paid", WANTED.reference, started.id)
    assert (fact.amount_cents, fact.currency) == (2000, "EUR")


@pytest.mark.parametrize(
    ("reference", "endpoint"),
    [
        ("deposit.1.2", "payments"),
        ("drop-in.1.2", "class-payments"),
        ("drop-ins.1.2", "payments"),
        ("anything", "payments"),
    ],
)
async def test_the_first_word_of_the_reference_says_who_is_told(
    desk: Desk, studio: Studio, reference: str, endpoint: str
) -> None:
    with desk.open():
        started = await desk.provider.start(replace(WANTED, reference=reference))
        await desk.ask("POST", f"/dev/checkout/{started.id}/pay")
    assert studio.at == [f"/api/webhooks/{endpoint}/sandbox"]


async def test_a_studio_that_is_out_hears_it_later(desk: Desk, studio: Studio) -> None:
    studio.is_out = True
    with desk.open():
        started = await desk.provider.start(WANTED)
        await desk.ask("POST", f"/dev/checkout/{started.id}/pay", timeout=10)
        studio.is_out = False
        await eventually(lambda: heard(studio, 1))


async def test_what_was_not_heard_before_a_crash_is_told_after_it(
    desk: Desk, studio: Studio, crash: Callable[[Process], None]
) -> None:
    studio.is_out = True
    with desk.open() as process:
        started = await desk.provider.start(WANTED)
        await desk.ask("POST", f"/dev/checkout/{started.id}/pay", timeout=10)
        crash(process)
    studio.is_out = False
    with desk.open():
        await eventually(lambda: heard(studio, 1))


async def test_messages_can_be_kept_back_and_told_again(desk: Desk, studio: Studio) -> None:
    with desk.open():
        started = await desk.provider.start(WANTED)
        await desk.ask("POST", f"/dev/checkout/{started.id}/pay?later=1")
        assert studio.heard == []
        for _ in range(3):
            again = await desk.ask("POST", f"/dev/checkout/{started.id}/messages")
            assert again.json() == [200]
    assert [fact and fact.kind for fact in studio.heard] == ["paid"] * 3


async def test_what_is_ended_is_not_paid_any_more(desk: Desk, studio: Studio) -> None:
    with desk.open():
        started = await desk.provider.start(WANTED)
        await desk.provider.end(started.id)
        await desk.provider.end(started.id)
        paid = await desk.ask("POST", f"/dev/checkout/{started.id}/pay")
        assert paid.status_code == 409
        await eventually(lambda: heard(studio, 1))
    assert [fact and fact.kind for fact in studio.heard] == ["expired"]


async def test_a_payment_is_given_back_once(desk: Desk, studio: Studio) -> None:
    with desk.open():
        started = await desk.provider.start(WANTED)
        await desk.ask("POST", f"/dev/checkout/{started.id}/pay")
        fact = studio.heard[0]
        assert fact is not None
        assert fact.payment_id is not None
        refund = Refund("refund-1", fact.payment_id, 2000, "EUR")
        await desk.provider.refund(refund)
        await desk.provider.refund(refund)
        await eventually(lambda: heard(studio, 2))
        for wrong in (
            Refund("refund-2", fact.payment_id, 2000, "EUR"),
            Refund("refund-3", "unknown", 2000, "EUR"),
        ):
            with pytest.raises(PaymentRefused):
                await desk.provider.refund(wrong)
        described = (await desk.ask("GET", f"/dev/checkout/{started.id}.json")).json()
    assert described["refund"] == "refund-1"
    assert [fact and fact.kind for fact in studio.heard] == ["paid", "refunded"]


async def test_only_who_knows_the_secret_starts_and_refunds(desk: Desk) -> None:
    with desk.open():
        for path in ("/sandbox/checkouts", "/sandbox/checkouts/x/end", "/sandbox/refunds"):
            assert (await desk.ask("POST", path, json={})).status_code == 401
        stranger = SandboxProvider(desk.url, "guessed")
        with pytest.raises(PaymentRefused):
            await stranger.start(WANTED)


async def heard(studio: Studio, count: int) -> bool:
    return len(studio.heard) >= count
