from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, problems
from chassis.pages import Page
from chassis.problems import Forbidden, InvalidRequest, NotFound, Unauthenticated
from contracts.permissions import Permission
from notifications.messages import commands, queries
from notifications.messages.models import Message
from notifications.messages.preview import body_of
from notifications.messages.problems import (
    MessageHeldSecret,
    MessageOutdated,
    MessageOvertaken,
    MessageUnderway,
    MessageUnwanted,
)
from notifications.messages.schemas import (
    MessageDetail,
    MessageFilter,
    MessageView,
    Resend,
    Resent,
)
from notifications.messages.sending_again import send_all_again

router = Router(prefix="/api/messages", tags=["messages"])

Member = Annotated[Principal, Depends(Allow(Permission.MANAGE_CUSTOMERS))]


@router.get("", responses=problems(Unauthenticated, Forbidden, InvalidRequest))
async def list_messages(
    wanted: Annotated[MessageFilter, Query()], member: Member, session: Session
) -> Page[MessageView]:
    messages, next_cursor = await queries.newest_messages(session, member.business_id, wanted)
    return Page(
        items=[MessageView.model_validate(message) for message in messages],
        next_cursor=next_cursor,
    )


@router.get("/{message_id}", responses=problems(Unauthenticated, Forbidden, NotFound))
async def read_message(
    message_id: UUID, member: Member, session: Session, process: Process
) -> MessageDetail:
    message = await queries.one_message(session, member.business_id, message_id)
    seen = MessageView.model_validate(message).model_dump(by_alias=False)
    body = body_of(message, process.settings.public_url.rstrip("/"))
    return MessageDetail.model_validate(seen | {"copy": seen["copy_number"], "body": body})


@router.post(
    "/resend", responses=problems(Unauthenticated, Forbidden, InvalidRequest, MessageUnderway)
)
async def resend_messages(wanted: Resend, member: Member, session: Session, now: Now) -> Resent:
    """Up to a thousand at once, the oldest first; what has been sent again since is left out."""
    return await send_all_again(session, member, wanted, now)


@router.post(
    "/{message_id}/resend",
    status_code=201,
    response_model=MessageView,
    responses=problems(
        Unauthenticated,
        Forbidden,
        NotFound,
        MessageUnderway,
        MessageHeldSecret,
        MessageOvertaken,
        MessageOutdated,
        MessageUnwanted,
    ),
)
async def resend_message(message_id: UUID, member: Member, session: Session, now: Now) -> Message:
    return await commands.send_again(session, member, message_id, now)
