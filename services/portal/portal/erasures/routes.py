from chassis.http import Now, Session, problems
from chassis.problems import NotFound
from portal.door import ClientRouter
from portal.erasures import commands, queries
from portal.erasures.models import Erasure
from portal.erasures.problems import BookingsAhead, ErasureUnderWay
from portal.erasures.schemas import ErasureRead
from portal.portal_sessions.problems import NotSignedIn
from portal.portal_sessions.signed_in import SignedIn
from portal.same_origin import AnotherSite

router = ClientRouter(prefix="/api/portal/erasure", tags=["portal"])


@router.post(
    "",
    status_code=202,
    response_model=ErasureRead,
    responses=problems(NotSignedIn, AnotherSite, BookingsAhead, ErasureUnderWay),
)
async def ask_for_erasure(client: SignedIn, session: Session, now: Now) -> Erasure:
    """Every service forgets the client, who is signed out by that; a last mail says it is done."""
    return await commands.ask_for_erasure(session, client, now)


@router.get("", response_model=ErasureRead, responses=problems(NotSignedIn, NotFound))
async def read_erasure(client: SignedIn, session: Session) -> Erasure:
    return await queries.read(session, client)
