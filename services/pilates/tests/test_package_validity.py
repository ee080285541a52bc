"""Until when a package is valid, in whole local days, whatever is frozen and wherever it is."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from calendaring.local_time import local_date
from chassis.problems import Problem
from pilates.customer_packages.looked_at import expires_at, next_look, told_at
from pilates.customer_packages.models import CustomerPackage, Freeze
from pilates.customer_packages.pro_rata import value_cents
from pilates.customer_packages.problems import FreezeInThePast, FreezeOverlaps, NotFrozen
from pilates.customer_packages.validity import expiry, runs_until_reaching
from pilates.package_types.models import ValidFrom

TODAY = date(2026, 11, 1)
ONE_DAY = timedelta(days=1)
ZONES = (
    "Europe/Berlin",
    "America/Los_Angeles",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "America/Havana",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "UTC",
)

days = st.integers(0, 40).map(lambda number: TODAY + timedelta(days=number))
any_day = st.dates(date(2000, 1, 1), date(2037, 12, 31))


def sold(days: int | None = 30, valid_from: ValidFrom = ValidFrom.PURCHASE) -> CustomerPackage:
    starts_on = TODAY if valid_from == ValidFrom.PURCHASE else None
    last_day = TODAY + timedelta(days=days - 1) if days and starts_on else None
    return CustomerPackage(
        validity_days=days,
        valid_from=valid_from,
        starts_on=starts_on,
        runs_until=last_day,
        expires_on=last_day,
        balance=10,
        entries=1,
        freezes=[],
    )


def frozen(first: int, last: int | None) -> Freeze:
    """By days from today."""
    last_on = None if last is None else TODAY + timedelta(days=last)
    return Freeze(first_on=TODAY + timedelta(days=first), last_on=last_on)


class Validity(RuleBasedStateMachine):
    """Freezing, ending, extending and the passing of days, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.package, self.today = sold(20), TODAY
        self.usable = 20

    @rule(ahead=st.integers(-2, 30), lasts=st.one_of(st.none(), st.integers(0, 20)))
    def freeze(self, ahead: int, lasts: int | None) -> None:
        first_on = self.today + timedelta(days=ahead)
        last_on = None if lasts is None else first_on + timedelta(days=lasts)
        before = [one.days() for one in self.package.freezes]
        try:
            self.package.freeze(Freeze(first_on=first_on, last_on=last_on), self.today)
        except Problem:
            assert [one.days() for one in self.package.freezes] == before
        else:
            assert ahead >= 0

    @rule()
    def unfreeze(self) -> None:
        was_frozen = self.package.is_frozen(self.today)
        try:
            self.package.unfreeze(self.today)
        except NotFrozen:
            assert not was_frozen
        else:
            # Whoever stops resting has at least the day that was left when it began.
            assert not (was_frozen and self.package.has_expired(self.today))
            assert not (was_frozen and self.package.is_frozen(self.today))

    @precondition(lambda self: self.package.expires_on is not None)
    @rule(more=st.integers(1, 20))
    def extend(self, more: int) -> None:
        assert self.package.expires_on is not None
        assert self.package.runs_until is not None
        wanted = self.package.expires_on + timedelta(days=more)
        before = self.package.runs_until
        self.package.extend_to(wanted)
        self.usable += (self.package.runs_until - before).days
        assert self.package.expires_on is None or self.package.expires_on >= wanted

    @rule(more=st.integers(1, 10))
    def wait(self, more: int) -> None:
        self.today += timedelta(days=more)

    @invariant()
    def as_many_days_are_good_as_were_sold(self) -> None:
        package = self.package
        if package.expires_on is None:
            assert any(one.last_on is None for one in package.freezes)
            return
        assert package.starts_on is not None
        valid = (package.expires_on - package.starts_on).days + 1
        every_day = (package.starts_on + timedelta(days=number) for number in range(valid))
        assert sum(not package.is_frozen(day) for day in every_day) == self.usable

    @invariant()
    def no_day_is_frozen_twice(self) -> None:
        freezes = sorted(self.package.freezes, key=lambda one: one.first_on)
        for one, other in pairwise(freezes):
            assert one.ends_on < other.first_on


Validity.TestCase.settings = settings(max_examples=150, stateful_step_count=20)
test_whatever_is_frozen_as_many_days_are_good = Validity.TestCase


@given(
    day=any_day,
    starts=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 30)), max_size=5),
    more=st.integers(0, 400),
)
def test_running_on_reaches_a_day_and_no_more_than_it_takes(
    day: date, starts: list[tuple[int, int]], more: int
) -> None:
    freezes, free = [], day
    for ahead, lasts in starts:
        first_on = free + timedelta(days=ahead)
        freezes.append(Freeze(first_on=first_on, last_on=first_on + timedelta(days=lasts)))
        free = first_on + timedelta(days=lasts + 1)
    wanted = day + timedelta(days=more)
    found = runs_until_reaching(wanted, None, day, freezes)
    reached, before = expiry(found, day, freezes), expiry(found - ONE_DAY, day, freezes)
    assert reached is not None
    assert before is not None
    assert before < wanted <= reached or not freezes


@given(last_day=any_day, zone=st.sampled_from(ZONES))
def test_a_package_is_over_in_the_instant_in_which_its_last_local_day_is(
    last_day: date, zone: str
) -> None:
    over = expires_at(last_day, zone)
    assert local_date(over - timedelta(seconds=1), zone) <= last_day < local_date(over, zone)


@given(
    last_day=st.integers(1, 60),
    freezes=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=3),
    hours=st.integers(0, 24 * 90),
    zone=st.sampled_from(ZONES),
)
def test_the_worker_always_looks_later_or_at_what_is_overdue(
    last_day: int, freezes: list[tuple[int, int]], hours: int, zone: str
) -> None:
    package = sold(last_day)
    for ahead, lasts in freezes:
        package.freezes.append(frozen(ahead, ahead + lasts))
    package.revalidate()
    now = datetime.combine(TODAY, time(), UTC) + timedelta(hours=hours)
    look = next_look(package, zone, now)
    today = local_date(now, zone)
    telling = told_at(package, zone)
    overdue = package.has_expired(today) or (telling is not None and telling <= now)
    if overdue:
        assert look == now
    else:
        # Credits are left, so that it expires at the latest.
        assert look is not None
        assert look > now


def test_a_freeze_begins_today_or_later() -> None:
    package = sold()
    with pytest.raises(FreezeInThePast):
        package.freeze(frozen(-1, 5), TODAY)
    package.freeze(frozen(0, 0), TODAY)
    assert package.expires_on == TODAY + timedelta(days=30)


@pytest.mark.parametrize(("first", "last"), [(5, 5), (0, 10), (10, 20), (14, None), (0, None)])
def test_freezes_do_not_overlap(first: int, last: int | None) -> None:
    package = sold()
    package.freeze(frozen(5, 14), TODAY)
    with pytest.raises(FreezeOverlaps):
        package.freeze(frozen(first, last), TODAY)
    package.freeze(frozen(15, None), TODAY)


def test_as_long_as_nobody_knows_when_it_ends_there_is_no_last_day() -> None:
    package = sold(30)
    package.freeze(frozen(10, None), TODAY)
    assert package.expires_on is None
    package.unfreeze(TODAY + timedelta(days=100))
    assert package.expires_on == TODAY + timedelta(days=29 + 90)


def test_validity_begins_with_the_earliest_use() -> None:
    package = sold(10, ValidFrom.FIRST_USE)
    package.use_on(TODAY + timedelta(days=20))
    assert package.expires_on == TODAY + timedelta(days=29)
    package.use_on(TODAY + timedelta(days=25))
    assert package.expires_on == TODAY + timedelta(days=29)
    package.use_on(TODAY + timedelta(days=5))
    assert (package.starts_on, package.expires_on) == (
        TODAY + timedelta(days=5),
        TODAY + timedelta(days=14),
    )
    package.forget_use()
    assert (package.starts_on, package.expires_on) == (None, None)


@given(
    price=st.integers(0, 100_000_000),
    sold_credits=st.integers(1, 1000),
    left=st.integers(0, 3000),
)
def test_credits_are_worth_their_share_and_never_more_than_was_paid(
    price: int, sold_credits: int, left: int
) -> None:
    value = value_cents(price, left, sold_credits)
    assert 0 <= value <= price
    assert abs(value - price * min(left, sold_credits) / sold_credits) <= 0.5
