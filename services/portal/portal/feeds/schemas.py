from datetime import datetime

from pydantic import BaseModel


class FeedRead(BaseModel):
    created_at: datetime


class FeedWithAddress(FeedRead):
    url: str
    """Shown this once; asked for again, there is a new one and the old one is dead."""
