import asyncio
from collections.abc import Sequence

from fastapi import Response
from pydantic import BaseModel

from chassis.http import Now, Process, problems
from chassis.problems import TryAgain
from portal.apart import in_business_of
from portal.door import FOR_NOBODY, AskingRouter
from portal.exports import queries
from portal.exports.archive import archive
from portal.portal_sessions.problems import NotSignedIn
from portal.portal_sessions.signed_in import SignedInApart
from portal.profile import commands as profile

router = AskingRouter(prefix="/api/portal/export", tags=["portal"])


@router.get(
    "",
    response_class=Response,
    responses=problems(NotSignedIn, TryAgain) | {200: {"content": {"application/zip": {}}}},
)
async def export_my_data(client: SignedInApart, process: Process, now: Now) -> Response:
    """All that the studio has of the client, in one archive of JSON and iCalendar."""
    own = await profile.read(process, client)
    known = await in_business_of(
        client, process, lambda session: queries.read(session, client, now)
    )
    parts: dict[str, BaseModel | Sequence[BaseModel]] = {"profile": own, **known.parts}
    body = await asyncio.to_thread(archive, parts, known.events, now)
    named = {"Content-Disposition": 'attachment; filename="my-data.zip"'}
    return Response(body, media_type="application/zip", headers=named | FOR_NOBODY)
