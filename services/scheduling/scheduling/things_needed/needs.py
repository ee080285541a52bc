"""What an appointment needs that is not scheduling's: a machine of each kind, and credits."""

from dataclasses import dataclass
from typing import Literal

from chassis.runtime import Runtime
from scheduling.copies.models import Service
from scheduling.copies.queries import with_needs
from scheduling.things_needed.problems import NotPayableSo, SignInToUseCredits

PayWith = Literal["credit", "at_studio"]


@dataclass(frozen=True)
class Needs:
    resource_kinds: tuple[str, ...] = ()
    """One machine of each."""
    credits: int = 0
    """Of the customer's packages."""

    def __bool__(self) -> bool:
        return bool(self.resource_kinds or self.credits)


NOTHING = Needs()


async def needs_of_guest(runtime: Runtime, service: Service) -> Needs:
    """Whoever comes by pays with money: credits are spent by who has signed in.

    Raises SignInToUseCredits.
    """
    known = await with_needs(runtime, service)
    if known.credit_cost and not known.price_cents:
        raise SignInToUseCredits
    return Needs(tuple(known.resource_kinds or ()))


async def needs_for_studio(runtime: Runtime, service: Service, pay_with: PayWith | None) -> Needs:
    """With credits where it costs any, unless told otherwise. Raises NotPayableSo."""
    known = await with_needs(runtime, service)
    costs = {"credit": known.credit_cost, "at_studio": known.price_cents}
    if pay_with is not None and not costs[pay_with]:
        raise NotPayableSo(credit_cost=known.credit_cost, price_cents=known.price_cents)
    cost = 0 if pay_with == "at_studio" else known.credit_cost
    return Needs(tuple(known.resource_kinds or ()), cost)
