"""Which machine of its kind a use gets, where any of them would do."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

NEVER = datetime.max.replace(tzinfo=UTC)
GOES_BACK = 500
"""How often a search may go back on a choice before it gives up."""


@dataclass(frozen=True)
class Use:
    """The time of one thing that somebody has, or an outage."""

    id: UUID
    begins: datetime
    ends: datetime
    resource_id: UUID | None = None
    """Absent: any machine would do, and none is chosen yet."""
    owner_id: UUID | None = None
    """Absent of an outage."""
    hold_version: int = 0
    reserved_for: str | None = None
    quantity: int = 1
    pooled: bool = False

    def overlaps(self, begins: datetime, ends: datetime) -> bool:
        return self.begins < ends and begins < self.ends

    def in_the_way_of(self, other: "Use") -> bool:
        """On one thing. Two versions of one owner's hold are not in each other's way."""
        moves = self.owner_id is not None and (
            self.owner_id == other.owner_id and self.hold_version != other.hold_version
        )
        return not moves and self.overlaps(other.begins, other.ends)


class Free(NamedTuple):
    """So many are free at each instant of `[begins, ends)`."""

    begins: datetime
    ends: datetime
    machines: int


def free_over_time(
    machine_ids: Collection[UUID], uses: Iterable[Use], begins: datetime, ends: datetime
) -> list[Free]:
    """How many of these machines nobody has, from change to change."""
    steps: list[tuple[datetime, UUID, int]] = []
    for use in uses:
        if use.resource_id and use.resource_id in machine_ids and use.overlaps(begins, ends):
            steps.append((max(use.begins, begins), use.resource_id, 1))
            steps.append((min(use.ends, ends), use.resource_id, -1))
    steps.sort()
    used: Counter[UUID] = Counter()
    found: list[Free] = []
    since, free = begins, len(machine_ids)
    for at, together in groupby(steps, key=lambda step: step[0]):
        for _, machine_id, step in together:
            used[machine_id] += step
        still = len(machine_ids) - sum(1 for count in used.values() if count)
        if still != free and at > since:
            found.append(Free(since, at, free))
            since = at
        free = still if at < ends else free
    return [*found, Free(since, ends, free)] if since < ends else found


def free_at_worst(
    machine_ids: Collection[UUID], uses: Iterable[Use], begins: datetime, ends: datetime
) -> int:
    return min(free.machines for free in free_over_time(machine_ids, uses, begins, ends))


def most_used(uses: Iterable[Use], begins: datetime, ends: datetime) -> int:
    """Of a counted thing, at the worst instant.

    While an owner moves from one version of its hold to the next, it needs the larger of the two.
    """
    steps: list[tuple[datetime, bool, Use]] = []
    for use in uses:
        if use.overlaps(begins, ends):
            steps.append((max(use.begins, begins), True, use))
            steps.append((min(use.ends, ends), False, use))
    held: defaultdict[UUID, list[int]] = defaultdict(list)
    total = most = 0
    # Whatever ends at an instant makes room for what begins then.
    for _, starts, use in sorted(steps, key=lambda step: step[:2]):
        quantities = held[use.owner_id or use.id]
        total -= max(quantities, default=0)
        if starts:
            quantities.append(use.quantity)
        else:
            quantities.remove(use.quantity)
        total += max(quantities, default=0)
        most = max(most, total)
    return most


def assigned(
    machine_ids: Sequence[UUID], pinned: Iterable[Use], floating: Iterable[Use]
) -> dict[UUID, UUID] | None:
    """A machine for each floating use, by its id, beside the pinned ones; None: none was found.

    In the order of their begin, each gets a machine that is free then, the one that is pinned next.
    Where nothing is pinned ahead, this finds a way whenever at no instant more are used than there
    are. Otherwise it goes back on its choices, but not for ever.
    """
    waiting = sorted(floating, key=lambda use: (use.begins, use.begins - use.ends, use.id))
    plan = _Plan(machine_ids, pinned, waiting)
    chosen: list[UUID] = []
    choices: list[Iterator[UUID]] = []
    went_back = 0
    while len(chosen) < len(waiting):
        use = waiting[len(chosen)]
        if len(choices) == len(chosen):
            choices.append(iter(plan.choices(use)))
        machine_id = next(choices[-1], None)
        if machine_id is not None:
            plan.place(machine_id, use)
            chosen.append(machine_id)
            continue
        if not chosen or went_back == GOES_BACK:
            return None
        went_back += 1
        choices.pop()
        plan.take_back(chosen.pop())
    return {use.id: machine_id for use, machine_id in zip(waiting, chosen, strict=True)}


class _Plan:
    def __init__(
        self, machine_ids: Sequence[UUID], pinned: Iterable[Use], floating: Iterable[Use]
    ) -> None:
        self.machine_ids = machine_ids
        self.pinned = by_machine(sorted(pinned, key=lambda use: (use.begins, use.id)))
        self.floating = by_machine(floating)
        self.placed: dict[UUID, list[Use]] = {id_: [] for id_ in machine_ids}

    def place(self, machine_id: UUID, use: Use) -> None:
        self.placed[machine_id].append(use)

    def take_back(self, machine_id: UUID) -> None:
        self.placed[machine_id].pop()

    def choices(self, use: Use) -> list[UUID]:
        """Of machines with the same time ahead of them, one stands for all."""
        alike: defaultdict[tuple[Pin, ...], list[UUID]] = defaultdict(list)
        for machine_id in self.machine_ids:
            placed, pinned = self.placed[machine_id], self.pinned[machine_id]
            # Placed in the order of their begin, so that the last one tells.
            if placed and placed[-1].ends > use.begins:
                continue
            if any(other.in_the_way_of(use) for other in pinned):
                continue
            alike[tuple(pin(other) for other in pinned if other.ends > use.begins)].append(
                machine_id
            )
        soonest = sorted(alike, key=lambda ahead: ahead[0][0] if ahead else NEVER)
        return [self.stay_or_leave_alone(use, alike[ahead]) for ahead in soonest]

    def stay_or_leave_alone(self, use: Use, machine_ids: list[UUID]) -> UUID:
        """So that no more than has to move does."""
        if use.resource_id in machine_ids:
            return use.resource_id
        others = (
            machine_id
            for machine_id in machine_ids
            if not any(other.in_the_way_of(use) for other in self.floating[machine_id])
        )
        return next(others, machine_ids[0])


def by_machine(uses: Iterable[Use]) -> defaultdict[UUID | None, list[Use]]:
    found: defaultdict[UUID | None, list[Use]] = defaultdict(list)
    for use in uses:
        found[use.resource_id].append(use)
    return found


Pin = tuple[datetime, datetime, UUID | None, int]


def pin(use: Use) -> Pin:
    return use.begins, use.ends, use.owner_id, use.hold_version
