from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chassis.pages import PageRequest
from contracts.moments import Moment, MomentRange
from contracts.text import Line

Category = Literal["room", "machine", "prop"]
MOST_PROPS = 10_000
Coordinate = Annotated[int, Field(strict=True, ge=0, le=100_000)]

OF_CATEGORY: dict[str, Category] = {
    "turnover_minutes": "room",
    "quantity": "prop",
    "room_id": "machine",
    "label": "machine",
    "x": "machine",
    "y": "machine",
}
"""What only one of them has."""


class ResourceWrite(BaseModel, extra="forbid"):
    name: Line
    category: Category
    kind: Line = "room"
    """Such as `reformer`; machines of one kind stand in for one another."""
    quantity: int = Field(default=1, strict=True, ge=1, le=MOST_PROPS)
    """Of a prop."""
    room_id: UUID | None = None
    """Where a machine stands."""
    label: Line | None = None
    """How a machine is called on the map of its room, such as `R3`."""
    x: Coordinate | None = None
    y: Coordinate | None = None
    """Where on the map, in any unit: from the left, and from the front."""
    turnover_minutes: int = Field(default=0, strict=True, ge=0, le=240)
    """Of a room: kept free after each use."""

    @model_validator(mode="after")
    def have_only_what_its_category_has(self) -> Self:
        for name, category in OF_CATEGORY.items():
            ordinary = type(self).model_fields[name].default
            if self.category != category and getattr(self, name) != ordinary:
                raise ValueError(f"only a {category} has {name}")
        if self.category != "room" and "kind" not in self.model_fields_set:
            raise ValueError("say the kind, such as reformer")
        if (self.x is None) != (self.y is None):
            raise ValueError("x and y are both there or both absent")
        return self


class ResourceFilter(PageRequest):
    category: Category | None = None
    kind: Line | None = None
    room: UUID | None = None
    """What stands in it."""
    archived: bool = False


class OutageView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    starts_at: datetime
    ends_at: datetime | None
    """Absent: until it is back in service."""
    quantity: int
    reason: str | None


class ResourceView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    name: str
    category: Category
    kind: str
    quantity: int
    room_id: UUID | None
    label: str | None
    x: int | None
    y: int | None
    turnover_minutes: int
    archived_at: datetime | None


class ResourceNow(ResourceView):
    in_service: bool
    """Right now; some of a prop may be out of service nevertheless."""
    outages: list[OutageView]
    """Those that are not over, the first ones of many."""


class Outages(BaseModel):
    items: list[OutageView]


class OutageWrite(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    begins: Moment | None = Field(default=None, alias="from")
    """Absent: now. A bare date is a local day of the business."""
    ends: Moment | None = Field(default=None, alias="to")
    """A day is the last one; absent: until it is back in service."""
    quantity: int | None = Field(default=None, strict=True, ge=1, le=MOST_PROPS)
    """How many of a prop; absent: all."""
    reason: Line | None = None


class SessionConcerned(BaseModel):
    """A class session that has it reserved, and what becomes of the places in it."""

    session_id: UUID
    name: str
    status: str
    starts_at: datetime
    ends_at: datetime
    moved: list[UUID] = []
    cancelled: list[UUID] = []
    without_spot: list[UUID] = []
    promoted: list[UUID] = []


class Outcome(BaseModel):
    """Of going out of service, or coming back."""

    outage: OutageView
    moved_reservations: int
    """Of the pool, which are on other machines from now on."""
    sessions: list[SessionConcerned]
    appointments: list[UUID]
    """Which still have it reserved while it is out of service."""


class ReservationView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    reserved_for: Literal["session", "appointment"]
    owner_id: UUID
    """Of the class session or appointment."""
    name: str | None
    """Of a class session."""
    hold_version: int
    starts_at: datetime
    ends_at: datetime
    """With the turnover of a room."""
    quantity: int
    pooled: bool


class Reservations(BaseModel):
    items: list[ReservationView]


class MapSpot(BaseModel):
    resource_id: UUID
    kind: str
    label: str
    name: str
    x: int | None
    y: int | None
    in_service: bool
    """Right now."""


class RoomMap(BaseModel):
    room_id: UUID
    name: str
    spots: list[MapSpot]


class AvailabilityQuery(MomentRange):
    kind: Line


class FreeMachines(BaseModel):
    starts_at: datetime
    ends_at: datetime
    free: int


class Availability(BaseModel):
    kind: str
    machines: int
    free_at_worst: int
    """So many can be reserved for the whole of the time, or for any part of it."""
    intervals: list[FreeMachines]
