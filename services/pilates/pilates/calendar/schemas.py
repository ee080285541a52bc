from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, model_validator


class CalendarRange(BaseModel, extra="forbid"):
    """What overlaps `[from, to)`, of everybody and everything or of those named."""

    starts_at: AwareDatetime = Field(alias="from")
    ends_at: AwareDatetime = Field(alias="to")
    staff: list[UUID] = Field(default_factory=list, max_length=100)
    resource: list[UUID] = Field(default_factory=list, max_length=100)

    @model_validator(mode="after")
    def end_after_start(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("`to` must be later than `from`")
        return self
