"""The pages behind the links in mails. They change nothing: their scripts ask the API to."""

import re
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from chassis.http import Now, Process, Session
from chassis.problems import NotFound
from contracts.languages import language_asked
from contracts.manage_links import read
from portal.door import AskingRouter, ClientRouter
from portal.pages import queries
from portal.pages.shell import HEADERS, Host, Script, notice, page
from portal.pages.static_files import FILES
from portal.settings import PortalSettings
from portal.sign_in_links.schemas import IN_THE_PORTAL

READ: dict[str, Any] = {
    "methods": ["GET", "HEAD"],
    "response_class": HTMLResponse,
    "include_in_schema": False,
}
"""Mail programs look with HEAD first."""

router = ClientRouter()
files = AskingRouter()


@router.api_route("/portal/{slug}/sign-in", **READ)
async def show_sign_in(slug: str, request: Request, session: Session) -> HTMLResponse:
    return await shown("sign-in", slug, request, session)


@router.api_route("/portal/{slug}/confirm-email", **READ)
async def show_confirm_email(slug: str, request: Request, session: Session) -> HTMLResponse:
    return await shown("confirm-email", slug, request, session)


@router.api_route("/portal/{slug}", **READ)
@router.api_route("/portal/{slug}/{part:path}", **READ)
async def show_portal(slug: str, request: Request, session: Session) -> HTMLResponse:
    """Whatever part of it somebody wants to return to, it is one page."""
    if not re.fullmatch(IN_THE_PORTAL, request.scope["path"][1:]):
        return nothing_here(request)
    return await shown("portal", slug, request, session)


@router.api_route("/manage/{link}", **READ)
async def show_managed(
    link: str, request: Request, session: Session, process: Process, now: Now
) -> HTMLResponse:
    assert isinstance(process.settings, PortalSettings)
    named = read(link, process.settings.link_secret)
    try:
        host, lasts = await queries.host_of_link(session, named, now)
    except NotFound:
        return nothing_here(request)
    if not lasts:
        return answer(notice("booking-over", "booking_over_text", host), status=410)
    return answer(page("manage", host))


@files.api_route("/pages/{name}", methods=["GET", "HEAD"], include_in_schema=False)
async def read_static_file(name: str, request: Request) -> Response:
    """Asked for each time and sent only when it has changed, so no page mixes two releases."""
    file = FILES.get(name)
    if file is None:
        raise NotFound
    kept = {"ETag": file.tag, "Cache-Control": "no-cache"}
    if file.tag in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=kept)
    return Response(file.content, headers=kept, media_type=file.media_type)


async def shown(script: Script, slug: str, request: Request, session: Session) -> HTMLResponse:
    try:
        return answer(page(script, await queries.host_of(session, slug)))
    except NotFound:
        return nothing_here(request)


def nothing_here(request: Request) -> HTMLResponse:
    asked = language_asked(request.headers.get("Accept-Language", ""))
    return answer(notice("not_found", "not_found_text", Host(locale=asked)), status=404)


def answer(content: str, *, status: int = 200) -> HTMLResponse:
    return HTMLResponse(content, status, headers=HEADERS)
