from fastapi import Depends

from chassis.auth import public
from chassis.http import Now, Router, Session, problems
from chassis.problems import NotFound
from payments.browsers import said_by_accept
from payments.queries import link_in
from payments.routes import payers_doors, payers_page, providers_door
from pilates.drop_ins import queries
from pilates.drop_ins.problems import DropInNotAwaited
from pilates.drop_ins.schemas import DropInView
from pilates.drop_ins.till import TILL

router = Router(tags=["drop-ins"])
router.include_router(payers_page(TILL))
paying = payers_doors(TILL, "drop-ins", DropInNotAwaited)
hearing = providers_door(TILL, "/api/webhooks/class-payments", "drop-ins")


@router.get(
    "/api/public/drop-ins/{secret}",
    dependencies=[Depends(public), Depends(said_by_accept)],
    responses=problems(NotFound),
)
async def read_drop_in(secret: str, session: Session, now: Now) -> DropInView:
    return await queries.read_drop_in(session, link_in(secret), now)
