"""Which machine a use gets: a way is found whenever there is one."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from time import process_time
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from pilates.resources.assignment import (
    Use,
    assigned,
    free_at_worst,
    free_over_time,
    most_used,
)

MIDNIGHT = datetime(2026, 3, 4, tzinfo=UTC)


def moment(minutes: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minutes)


def use(
    begins: int,
    ends: int,
    machine_id: UUID | None = None,
    owner_id: UUID | None = None,
    version: int = 1,
    quantity: int = 1,
) -> Use:
    owner = owner_id or uuid4()
    return Use(uuid4(), moment(begins), moment(ends), machine_id, owner, version, None, quantity)


@st.composite
def times(draw: st.DrawFn, most: int = 12) -> list[tuple[int, int]]:
    lasts = st.tuples(st.integers(0, 40), st.integers(1, 20))
    return [(begins, begins + minutes) for begins, minutes in draw(st.lists(lasts, max_size=most))]


def at_once(all_times: list[tuple[int, int]]) -> int:
    return max((sum(b <= moment < e for b, e in all_times) for moment, _ in all_times), default=0)


def fits_together(plan: dict[UUID, UUID], floating: list[Use], pinned: list[Use]) -> bool:
    placed = [(plan[one.id], one) for one in floating]
    placed += [(one.resource_id, one) for one in pinned if one.resource_id]
    return not any(
        machine == other_machine and one is not other and one.in_the_way_of(other)
        for machine, one in placed
        for other_machine, other in placed
    )


@given(times(), st.integers(1, 6))
def test_it_fits_iff_at_no_instant_more_are_used_than_there_are(
    wanted: list[tuple[int, int]], machines: int
) -> None:
    floating = [use(*one) for one in wanted]
    plan = assigned([uuid4() for _ in range(machines)], [], floating)
    assert (plan is not None) == (at_once(wanted) <= machines)
    if plan is not None:
        assert plan.keys() == {one.id for one in floating}
        assert fits_together(plan, floating, [])


@given(times(most=5), times(most=5), st.integers(1, 3), st.data())
def test_beside_what_is_pinned_it_finds_a_way_whenever_there_is_one(
    wanted: list[tuple[int, int]], fixed: list[tuple[int, int]], machines: int, data: st.DataObject
) -> None:
    ids = [uuid4() for _ in range(machines)]
    pinned: list[Use] = []
    for begins, ends in fixed:
        one = use(begins, ends, data.draw(st.sampled_from(ids)))
        if not any(o.resource_id == one.resource_id and o.in_the_way_of(one) for o in pinned):
            pinned.append(one)
    floating = [use(*one) for one in wanted]
    plan = assigned(ids, pinned, floating)
    every_way = (
        dict(zip((one.id for one in floating), way, strict=True))
        for way in product(ids, repeat=len(floating))
    )
    possible = any(fits_together(way, floating, pinned) for way in every_way)
    assert (plan is not None) == possible
    assert plan is None or fits_together(plan, floating, pinned)


@given(times(), st.integers(1, 5), st.data())
def test_what_is_free_over_time_is_what_is_free_at_each_instant(
    taken: list[tuple[int, int]], machines: int, data: st.DataObject
) -> None:
    ids = [uuid4() for _ in range(machines)]
    uses = [use(*one, data.draw(st.sampled_from(ids))) for one in taken]
    found = free_over_time(ids, uses, moment(5), moment(50))
    assert (found[0].begins, found[-1].ends) == (moment(5), moment(50))
    assert all(one.ends == two.begins for one, two in pairwise(found))
    assert all(one.machines != two.machines for one, two in pairwise(found))
    for minute in range(5, 50):
        [now] = [one for one in found if one.begins <= moment(minute) < one.ends]
        used = {u.resource_id for u in uses if u.begins <= moment(minute) < u.ends}
        assert now.machines == machines - len(used)
    worst = free_at_worst(ids, uses, moment(5), moment(50))
    assert worst == min(one.machines for one in found)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),
            st.integers(1, 2),
            st.integers(0, 30),
            st.integers(1, 20),
            st.integers(1, 4),
        ),
        max_size=8,
    )
)
def test_an_owner_that_moves_needs_the_larger_of_its_two_versions(
    held: list[tuple[int, int, int, int, int]],
) -> None:
    owners = [uuid4() for _ in range(3)]
    alone = {(owner, version): entry for entry in held for owner, version, *_ in [entry]}
    uses = [
        use(begins, begins + lasts, None, owners[owner], version, quantity)
        for owner, version, begins, lasts, quantity in alone.values()
    ]
    expected = 0
    for minute in range(51):
        now = [u for u in uses if u.begins <= moment(minute) < u.ends]
        each = [max((u.quantity for u in now if u.owner_id == o), default=0) for o in owners]
        expected = max(expected, sum(each))
    assert most_used(uses, moment(0), moment(51)) == expected


def test_a_search_without_hope_ends_soon() -> None:
    """A day of forty machines, each pinned at another time, and in the end one use too many."""
    ids = [uuid4() for _ in range(40)]
    pinned = [use(10 * n + 5, 10 * n + 9, id_) for n, id_ in enumerate(ids)]
    floating = [use(minute, minute + 30) for minute in range(0, 360, 30) for _ in range(36)]
    too_many = [use(395, 425) for _ in range(40)]
    started = process_time()
    assert assigned(ids, pinned, [*floating, *too_many]) is None
    assert process_time() - started < 2
