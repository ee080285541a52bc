from typing import Annotated

from fastapi import Depends, Response

from chassis.auth import Allow, Principal
from chassis.http import Now, Router, Session, problems
from chassis.preconditions import RequiredVersion, tag
from chassis.problems import Forbidden, InvalidRequest, PreconditionRequired, Stale, Unauthenticated
from notifications.mail_settings import commands, queries
from notifications.mail_settings.schemas import MailSettingsView, MailSettingsWrite

router = Router(prefix="/api/messages/settings", tags=["messages"])

Member = Annotated[Principal, Depends(Allow())]


@router.get("", responses=problems(Unauthenticated))
async def read_mail_settings(
    member: Member, session: Session, response: Response
) -> MailSettingsView:
    settings = await queries.settings_of(session, member.business_id)
    tag(response, settings.version)
    return MailSettingsView.model_validate(settings)


@router.put(
    "",
    responses=problems(Unauthenticated, Forbidden, InvalidRequest, Stale, PreconditionRequired),
)
async def change_mail_settings(
    member: Member,
    session: Session,
    now: Now,
    seen: RequiredVersion,
    wanted: MailSettingsWrite,
    response: Response,
) -> MailSettingsView:
    settings = await commands.change(session, member, wanted, seen, now)
    tag(response, settings.version)
    return MailSettingsView.model_validate(settings)
