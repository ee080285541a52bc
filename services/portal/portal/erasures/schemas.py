from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class ErasureRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    requested_at: datetime
    awaiting: list[str]
    """Services that have not answered yet. A mail says when all have."""
    completed_at: datetime | None
