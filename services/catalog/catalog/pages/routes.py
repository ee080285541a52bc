"""The page behind the link in an invitation. It changes nothing: its script asks the API to."""

import hashlib
import html
from pathlib import Path

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from catalog.pages.words import WORDS
from chassis.auth import public
from chassis.problems import NotFound
from contracts.languages import LANGUAGES, language_asked

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
FILES = {file.name: file.read_bytes() for file in FOLDER.iterdir() if file.suffix in TYPES}
PAGE = (FOLDER / "join.html").read_text()
PAGES = {
    language: PAGE.format_map(
        {name: html.escape(text) for name, text in WORDS[language].items()} | {"language": language}
    )
    for language in LANGUAGES
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
READ = ["GET", "HEAD"]
"""Mail programs look with HEAD first."""

router = APIRouter(prefix="/join", dependencies=[Depends(public)], include_in_schema=False)


@router.api_route("", methods=READ)
async def show_invitation(request: Request) -> HTMLResponse:
    """The same for everybody: the token stands behind the #, where no server sees it, and only it
    says whose invitation it is.
    """
    language = language_asked(request.headers.get("Accept-Language", ""))
    return HTMLResponse(PAGES[language], headers=HEADERS)


@router.api_route("/{name}", methods=READ)
async def read_static_file(name: str, request: Request) -> Response:
    """Asked for each time and sent only when it has changed, so no page mixes two releases."""
    content = FILES.get(name)
    if content is None:
        raise NotFound
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    kept = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=kept)
    return Response(content, headers=kept, media_type=TYPES[Path(name).suffix])
