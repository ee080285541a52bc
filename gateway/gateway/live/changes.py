"""What is shown of one change, to whom."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self
from uuid import UUID

import structlog
from pydantic import ValidationError
from pydantic_core import to_json

from chassis.auth import Principal
from contracts.calendar import CalendarEntry, CalendarEntryChanged, CalendarRangeChanged
from contracts.permissions import Permission

log = structlog.get_logger()

HEARTBEAT = b": \n\n"
READ_AGAIN = {"read": "/api/calendar"}
DRAFT = "draft"


@dataclass(frozen=True)
class View:
    """Whose eyes look: the same permissions as at `GET /api/calendar`."""

    sees_all: bool
    staff_id: UUID | None
    sees_drafts: bool

    @classmethod
    def of(cls, principal: Principal) -> Self:
        sees_all = principal.may(Permission.MANAGE_CALENDAR)
        sees_drafts = sees_all or principal.may(Permission.MANAGE_CLASSES)
        return cls(sees_all, principal.staff_id, sees_drafts)

    def may_know(self, entry: CalendarEntry) -> bool:
        """The public may book classes, so they are no secret to a member."""
        if entry.kind == "class_session":
            return self.sees_drafts or entry.status != DRAFT
        return self.sees_all or (self.staff_id is not None and entry.staff_id == self.staff_id)


class Change:
    """One message of the live stream: parsed once, and rendered twice at most, for all readers."""

    def __init__(self, sequence: int, subject: str, body: bytes) -> None:
        self.sequence = sequence
        self.business_id = subject.rpartition(".")[2]
        self._noun = subject.split(".")[1]
        self._body = body

    def frame_for(self, view: View) -> bytes:
        match self._fact:
            case CalendarEntryChanged(entry=entry) if not view.may_know(entry):
                return self._busy
            case _:
                return self._whole

    @cached_property
    def _fact(self) -> CalendarEntryChanged | CalendarRangeChanged | None:
        fact = CalendarEntryChanged if self._noun == "calendar-entry" else CalendarRangeChanged
        try:
            return fact.model_validate_json(self._body)
        except ValidationError as error:
            log.error("Live change is not readable", sequence=self.sequence, exc_info=error)  # noqa: TRY400
            return None

    @cached_property
    def _whole(self) -> bytes:
        match self._fact:
            case CalendarEntryChanged(entry=entry, removed=removed):
                return frame("entry", entry_data(entry, removed=removed), self.sequence)
            case CalendarRangeChanged() as fact:
                fields = fact.model_dump(mode="json", include={"begins", "ends", "staff_id"})
                return frame("range", fields, self.sequence)
            case _:
                return resync(self.sequence)

    @cached_property
    def _busy(self) -> bytes:
        assert isinstance(self._fact, CalendarEntryChanged)
        entry = self._fact.entry
        # A draft keeps nobody busy: it is in the calendars of those who plan, and in no others.
        removed = self._fact.removed or (entry.kind == "class_session" and entry.status == DRAFT)
        return frame("entry", entry_data(entry.as_busy(), removed=removed), self.sequence)


def entry_data(entry: CalendarEntry, *, removed: bool) -> dict[str, Any]:
    """Without `conflict`, which the event leaves open."""
    return entry.model_dump(mode="json", exclude={"conflict"}) | {"removed": removed}


def frame(event: str, data: dict[str, Any], sequence: int) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (sequence, event.encode(), to_json(data))


def snapshot(sequence: int) -> bytes:
    """Read the calendar now: all that was committed up to this id is in it."""
    return frame("snapshot", READ_AGAIN, sequence)


def resync(sequence: int) -> bytes:
    """Something was missed for good: read the calendar again, and go on from this id."""
    return frame("resync", READ_AGAIN, sequence)
