"""One click stops what may be stopped (RFC 8058): by POST, from a mail program or the page."""

from typing import Annotated

from fastapi import Depends, Path
from fastapi.responses import HTMLResponse

from chassis.auth import public
from chassis.http import Now, Process, Router, Session, problems
from chassis.problems import NotFound
from notifications.settings import NotificationsSettings
from notifications.unsubscribing import commands
from notifications.unsubscribing.commands import Subscription
from notifications.unsubscribing.page import HEADERS, Shown, page

router = Router(
    prefix="/api/public/unsubscribe",
    tags=["messages"],
    dependencies=[Depends(public)],
    default_response_class=HTMLResponse,
)

Token = Annotated[str, Path(max_length=200)]


async def linked(token: Token, session: Session, process: Process) -> Subscription:
    settings = process.settings
    assert isinstance(settings, NotificationsSettings)
    return await commands.subscription_of(session, token, settings.link_secret)


Linked = Annotated[Subscription, Depends(linked)]


def shown(what: Shown, of: Subscription, token: str) -> HTMLResponse:
    return HTMLResponse(page(what, of.topic, of.business_name, of.locale, token), headers=HEADERS)


@router.get("/{token}", responses=problems(NotFound))
async def ask_whether_to_unsubscribe(token: Token, of: Linked) -> HTMLResponse:
    return shown("question", of, token)


@router.post("/{token}", responses=problems(NotFound))
async def unsubscribe(token: Token, of: Linked, session: Session, now: Now) -> HTMLResponse:
    """Whatever the body says: RFC 8058 asks for no more than this POST."""
    await commands.unsubscribe(session, of, now)
    return shown("unsubscribed", of, token)


@router.post("/{token}/undo", responses=problems(NotFound))
async def subscribe_again(token: Token, of: Linked, session: Session, now: Now) -> HTMLResponse:
    await commands.subscribe(session, of, now)
    return shown("subscribed", of, token)
