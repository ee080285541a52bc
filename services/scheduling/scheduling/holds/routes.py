from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from calendaring.local_time import NonexistentLocalTime
from chassis.auth import public
from chassis.http import Now, Process, Router, Session, problems
from chassis.problems import NotFound
from scheduling.appointments.problems import (
    BeyondHorizon,
    DailyLimitReached,
    NobodyOffersThis,
    NotOffered,
    OnTimeOff,
    OutsideWorkingHours,
    SlotTaken,
    TooShortNotice,
)
from scheduling.copies.queries import published_page
from scheduling.holds import commands, queries
from scheduling.holds.holder import Holder, hashed
from scheduling.holds.problems import TooManyHolds
from scheduling.holds.schemas import Holds, HoldView, HoldWrite, NewHoldView

router = Router(
    prefix="/api/public/booking/{slug}/holds", tags=["holds"], dependencies=[Depends(public)]
)

Mine = Annotated[Holder, Query()]


@router.post(
    "",
    status_code=201,
    responses=problems(
        NotFound,
        SlotTaken,
        OnTimeOff,
        DailyLimitReached,
        TooManyHolds,
        OutsideWorkingHours,
        NobodyOffersThis,
        NonexistentLocalTime,
        NotOffered,
        TooShortNotice,
        BeyondHorizon,
    ),
)
async def hold_time(
    slug: str, session: Session, process: Process, now: Now, wanted: HoldWrite
) -> NewHoldView:
    return await commands.hold(session, process, slug, wanted, now)


@router.get("", responses=problems(NotFound))
async def list_holds(
    slug: str, session: Session, process: Process, now: Now, holder: Mine
) -> Holds:
    """The holder's own live ones."""
    page = await published_page(session, process, slug)
    mine = await queries.live(session, page.business_id, hashed(holder), now)
    return Holds(items=[HoldView.model_validate(claim, from_attributes=True) for claim in mine])


@router.delete("/{hold_id}", status_code=204, responses=problems(NotFound))
async def give_hold_back(
    slug: str, hold_id: UUID, session: Session, process: Process, holder: Mine
) -> None:
    page = await published_page(session, process, slug)
    await commands.release(session, page.business_id, hold_id, hashed(holder))
