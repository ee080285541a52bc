from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from portal.bookings import queries as bookings
from portal.bookings.calendar_text import event_of
from portal.bookings.views import view
from portal.packages import queries as packages
from portal.portal_sessions import queries as portal_sessions
from portal.portal_sessions.queries import Client
from portal.portal_sessions.schemas import SessionItem
from portal.receipts import queries as receipts
from portal.waitlist import queries as waitlist


@dataclass(frozen=True)
class Known:
    parts: dict[str, Sequence[BaseModel]]
    events: list[str]


async def read(session: AsyncSession, client: Client, now: datetime) -> Known:
    booked = await bookings.everything(session, client)
    waits = await waitlist.everything(session, client)
    opened = await portal_sessions.sessions_of(session, client.customer, now)
    return Known(
        parts={
            "bookings": [view(one, window, now) for one, window in booked],
            "waitlist": [waitlist.view_told(one.entry) for one in waits],
            "packages": await packages.find(session, client, now),
            "ledger": await packages.ledger_of(session, client),
            "receipts": await receipts.everything(session, client),
            "sessions": [SessionItem.model_validate(one) for one in opened],
        },
        events=[event_of(one, view(one, window, now)) for one, window in booked],
    )
