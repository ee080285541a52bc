from uuid import UUID

from chassis.http import Now, Session, problems
from chassis.problems import NotFound
from portal.door import ClientRouter
from portal.packages import queries
from portal.packages.schemas import Ledger, Packages
from portal.portal_sessions.problems import NotSignedIn
from portal.portal_sessions.signed_in import SignedIn

router = ClientRouter(prefix="/api/portal/packages", tags=["portal"])


@router.get("", responses=problems(NotSignedIn))
async def list_my_packages(client: SignedIn, session: Session, now: Now) -> Packages:
    return Packages(items=await queries.find(session, client, now))


@router.get("/{package_id}/ledger", responses=problems(NotSignedIn, NotFound))
async def read_my_ledger(package_id: UUID, client: SignedIn, session: Session, now: Now) -> Ledger:
    """Every entry in words; their credits add up to the balance."""
    return await queries.read_ledger(session, client, package_id, now)
