from typing import Annotated

from fastapi import Header, Response

from chassis.http import Process, problems
from chassis.preconditions import RequiredVersion, tag
from chassis.problems import PreconditionRequired, Stale, TryAgain
from portal.asking import OwnerRefused
from portal.door import AskingRouter
from portal.portal_sessions.problems import NotSignedIn
from portal.portal_sessions.signed_in import SignedInApart
from portal.profile import commands
from portal.profile.schemas import ProfileRead, ProfileWrite
from portal.same_origin import AnotherSite

router = AskingRouter(prefix="/api/portal/profile", tags=["portal"])

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


@router.get("", responses=problems(NotSignedIn, TryAgain))
async def read_my_profile(
    client: SignedInApart, process: Process, response: Response
) -> ProfileRead:
    """As catalog has it."""
    found = await commands.read(process, client)
    tag(response, found.version)
    return found


@router.put(
    "",
    responses=problems(
        NotSignedIn, AnotherSite, Stale, PreconditionRequired, OwnerRefused, TryAgain
    ),
)
async def change_my_profile(
    client: SignedInApart,
    process: Process,
    response: Response,
    seen: RequiredVersion,
    wanted: ProfileWrite,
    key: Key = None,
) -> ProfileRead:
    changed = await commands.change(process, client, wanted, seen, key)
    tag(response, changed.version)
    return changed
