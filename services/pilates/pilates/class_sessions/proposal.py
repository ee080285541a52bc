"""What a session becomes once its instructor is held; until then it is in the row, unapplied."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from pilates.class_policies import POLICIES
from pilates.class_sessions.models import ClassSession
from pilates.resources.models import ReservedFor
from pilates.resources.reserving import Need

OF_A_HOLD = ("starts_at", "ends_at", "room_id", "spot_kind", "capacity", "props")
"""A change of these needs things to be reserved anew."""
OF_A_CALENDAR = ("starts_at", "ends_at", "instructor_id", "room_id")
"""A change of these moves attendees and calendars; the others are between them and the studio."""
SHOWN = ("starts_at", "ends_at", "instructor_id", "instructor_name", "room_id", "room_name")


class Change(BaseModel):
    """Columns of a session; what is not set stays as it is."""

    name: str = ""
    description: str = ""
    capacity: int = 0
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    instructor_id: UUID | None = None
    instructor_name: str | None = None
    room_id: UUID | None = None
    room_name: str | None = None
    spot_kind: str | None = None
    credit_cost: int = 0
    price_cents: int = 0
    late_cancel_window_minutes: int = 0
    waitlist_mode: str = ""
    waitlist_cutoff_minutes: int = 0
    offer_minutes: int = 0
    decline_minutes: int = 0
    quiet_from: time | None = None
    quiet_until: time | None = None
    largest_party: int = 0
    props: list[dict[str, Any]] = Field(default_factory=list)
    overridden: list[str] = Field(default_factory=list)

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}


class OfSeries(BaseModel):
    """What becomes of the series when its sessions have been changed."""

    series_id: UUID
    since: datetime
    """What comes before this occurrence stays a series of its own, as it was."""
    moved_minutes: int
    differs: list[str]


class OfTemplate(BaseModel):
    """What the template becomes when its sessions have been changed."""

    template_id: UUID
    version: int
    """That it had when this was proposed."""
    change: Change
    duration_minutes: int


class Proposal(BaseModel):
    change: Change = Field(default_factory=Change)
    actor: str
    fresh: bool = False
    """Made by the request that published it: refused, it is as if it had never been."""
    may_be_skipped: bool = False
    """Refused, it does not take with it what was proposed together with it."""
    notify: bool = True
    of_series: OfSeries | None = None
    of_template: OfTemplate | None = None


def proposal_of(row: ClassSession) -> Proposal:
    return Proposal.model_validate(row.proposed)


def target(row: ClassSession, change: Change, name: str) -> Any:
    return getattr(change if name in change.model_fields_set else row, name)


def differing(row: ClassSession, values: dict[str, Any]) -> Change:
    """Of these columns those that would change."""
    return Change(**{name: value for name, value in values.items() if getattr(row, name) != value})


def need_of(row: ClassSession, change: Change, version: int) -> Need:
    kind, capacity = target(row, change, "spot_kind"), target(row, change, "capacity")
    return Need(
        reserved_for=ReservedFor.SESSION,
        owner_id=row.id,
        hold_version=version,
        starts_at=target(row, change, "starts_at"),
        ends_at=target(row, change, "ends_at"),
        room_id=target(row, change, "room_id"),
        machines=((kind, capacity),) if kind else (),
        props=tuple(
            (UUID(str(prop["resource_id"])), prop["quantity"])
            for prop in target(row, change, "props")
        ),
    )


def needs_instructor(row: ClassSession, change: Change) -> bool:
    """Somebody's time has to be held for it which is not held for it yet."""
    if target(row, change, "instructor_id") is None:
        return False
    moved = {"starts_at", "ends_at", "instructor_id"} & change.model_fields_set
    return bool(moved) or row.hold_version == 0


def shown(row: ClassSession) -> dict[str, Any] | None:
    if row.proposed is None:
        return None
    change = proposal_of(row).change
    return {name: target(row, change, name) for name in SHOWN}


CHANGEABLE = (
    "name",
    "description",
    "capacity",
    "starts_at",
    "ends_at",
    "instructor_id",
    "room_id",
    "spot_kind",
    *POLICIES,
)
