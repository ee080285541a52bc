from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, model_validator


class CalendarRange(BaseModel, extra="forbid"):
    """What overlaps `[from, to)`, of everybody or of one staff member or resource."""

    starts_at: AwareDatetime = Field(alias="from")
    ends_at: AwareDatetime = Field(alias="to")
    staff: UUID | None = None
    resource: UUID | None = None

    @model_validator(mode="after")
    def end_after_start(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("`to` must be later than `from`")
        return self
