"""What a service that is paid brings along: its tables, and what it decides under their lock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.due_rows import Key
from chassis.runtime import Runtime
from payments.link import Link
from payments.models import Demand, RefundCause, TakenPayment
from payments.problems import NotAwaited


class Locked(Protocol):
    """A demand under the lock of what it is asked for, and what becomes of that."""

    @property
    def demand(self) -> Demand: ...

    @property
    def title(self) -> str:
        """What is paid for, as the payer reads it."""
        ...

    @property
    def email(self) -> str | None:
        """The payer's, where it is known."""
        ...

    def not_awaited(self) -> NotAwaited:
        """How it stands instead, for who wants to pay."""
        ...

    async def why_not_kept(self, session: AsyncSession) -> RefundCause | None:
        """Of the right amount and not late by the clock: does what it pays for still wait for it?

        What it keeps when it is paid, as time or a place, is kept here.
        """
        ...

    async def keep(self, session: AsyncSession, payment: TakenPayment, now: datetime) -> None:
        """It is paid: the receipt, what it becomes, and who hears of it."""
        ...

    async def let_go(self, session: AsyncSession, now: datetime) -> None:
        """It was not paid in time; nothing is left to do where that was decided before."""
        ...

    async def owe_back(self, session: AsyncSession, now: datetime) -> None:
        """Paid too late, when it has been let go."""
        ...

    async def refunded(self, session: AsyncSession, payment: TakenPayment, now: datetime) -> None:
        """The money is back, `refund_cause` says why: the receipt, and who hears of it."""
        ...

    async def issue(
        self,
        session: AsyncSession,
        kind: Literal["payment", "refund"],
        payment: TakenPayment,
        now: datetime,
    ) -> object:
        """A receipt, as it is issued of money too that is not kept."""
        ...


class Lock(Protocol):
    async def __call__(
        self, session: AsyncSession, key: Key, *, wait: bool = True
    ) -> Locked | None:
        """None for what does not exist, or what somebody else decides and nobody waits for.

        From here on the transaction is in the demand's business. Whoever else decides about what
        is paid for takes the same lock.
        """
        ...


@dataclass(frozen=True)
class Paid:
    """What is paid for, as its payer reads it."""

    business_name: str
    locale: str
    time_zone: str
    what: str
    starts_at: datetime
    status: str
    """Of the payment: `none`, `awaited`, `paid`, `forfeited`, `refund_due` or `refunded`."""
    is_on: bool
    """Neither cancelled nor let go."""


class ReadPaid(Protocol):
    async def __call__(self, session: AsyncSession, key: Key) -> Paid:
        """The transaction is in the demand's business, and the demand is there."""
        ...


class Links(NamedTuple):
    checkout_url: str
    """For a page that asks, with POST, for the provider's page."""
    pay_url: str
    """For a mail: a browser that opens it is sent to the provider's page."""


@dataclass(frozen=True)
class Till:
    word: str
    """First of its references, such as `deposit`."""
    path: str
    """Where links lead, such as `/api/public/deposits`; with the secret, it says how it stands."""
    demand: type[Demand]
    payment: type[TakenPayment]
    lock: Lock
    paid_for: ReadPaid

    def links(self, runtime: Runtime, link: Link) -> Links:
        place = f"{runtime.settings.public_url}{self.path}/{link.secret}"
        return Links(f"{place}/checkout", f"{place}/pay")
