from fastapi import Depends

from chassis.http import Now, Process, Session, problems
from chassis.problems import NotFound, TryAgain
from portal.asking import OwnerRefused
from portal.door import AskingRouter, ClientRouter, never_stored
from portal.email_changes import commands
from portal.email_changes.models import EmailChange
from portal.email_changes.problems import ChangeGone, SameEmail
from portal.email_changes.schemas import (
    Confirmation,
    Confirmed,
    EmailChangeRead,
    EmailChangeWrite,
)
from portal.portal_sessions.problems import NotSignedIn
from portal.portal_sessions.signed_in import SignedIn
from portal.same_origin import AnotherSite
from portal.settings import PortalSettings
from portal.sign_in_links.problems import TooManyLinks

asking = ClientRouter(prefix="/api/portal/profile/email-changes", tags=["portal"])
confirming = AskingRouter(prefix="/api/portal/profile/email-changes", tags=["portal"])


@asking.post(
    "",
    status_code=202,
    response_model=EmailChangeRead,
    responses=problems(NotSignedIn, AnotherSite, SameEmail, TooManyLinks),
)
async def ask_for_email_change(
    client: SignedIn, session: Session, process: Process, now: Now, wanted: EmailChangeWrite
) -> EmailChange:
    """A mail goes to the new address, and only who confirms it from there changes anything."""
    settings = process.settings
    assert isinstance(settings, PortalSettings)
    return await commands.ask_for_change(session, settings, client, wanted.email, now)


@confirming.post(
    "/confirm",
    dependencies=[Depends(never_stored)],
    responses=problems(NotFound, ChangeGone, AnotherSite, OwnerRefused, TryAgain),
)
async def confirm_email_change(process: Process, now: Now, wanted: Confirmation) -> Confirmed:
    """Signed in or not: whoever reads mails to the new address. The old one is told."""
    return Confirmed(email=await commands.confirm(process, wanted.token, now))
