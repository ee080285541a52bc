from fastapi import Depends

from catalog.accounts import commands
from catalog.accounts.problems import EmailTaken
from catalog.accounts.schemas import SignUp
from catalog.businesses.problems import BusinessSlugTaken
from catalog.sign_ins.schemas import SignedIn
from catalog.sign_ins.secrecy import never_stored
from chassis.auth import public
from chassis.http import Now, Process, Router, Session, problems

router = Router(prefix="/api/auth", tags=["sign-in"], dependencies=[Depends(public)])


@router.post(
    "/sign-up",
    status_code=201,
    dependencies=[Depends(never_stored)],
    responses=problems(EmailTaken, BusinessSlugTaken),
)
async def sign_up(session: Session, process: Process, now: Now, wanted: SignUp) -> SignedIn:
    return await commands.sign_up(session, process, wanted, now)
