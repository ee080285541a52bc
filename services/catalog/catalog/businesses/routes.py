from typing import Annotated

from fastapi import Depends, Response

from catalog.businesses import commands, queries
from catalog.businesses.models import Business
from catalog.businesses.schemas import BusinessPatch, BusinessView
from chassis.auth import Allow, Principal
from chassis.http import Now, Router, Session, problems
from chassis.preconditions import VersionSeen, tag
from chassis.problems import Forbidden, NotFound, Stale
from contracts.permissions import Permission

router = Router(prefix="/api/business", tags=["business"])

Member = Annotated[Principal, Depends(Allow())]


HIDDEN = {"billing": None}


def seen_by(caller: Principal, business: Business) -> BusinessView:
    view = BusinessView.model_validate(business)
    return view if caller.may(Permission.VIEW_FINANCIALS) else view.model_copy(update=HIDDEN)


@router.get("", responses=problems(NotFound))
async def read_business(caller: Member, session: Session, response: Response) -> BusinessView:
    business = await queries.read(session, caller.business_id)
    tag(response, business.version)
    return seen_by(caller, business)


@router.patch("", responses=problems(NotFound, Forbidden, Stale))
async def change_business(
    caller: Member,
    session: Session,
    now: Now,
    seen: VersionSeen,
    wanted: BusinessPatch,
    response: Response,
) -> BusinessView:
    business = await commands.change(session, caller, wanted, seen, now)
    tag(response, business.version)
    return seen_by(caller, business)
