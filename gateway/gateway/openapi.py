"""The merged OpenAPI document, and a page to read it that loads nothing from elsewhere."""

import asyncio
import hashlib
import time
from importlib.resources import files

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from pydantic_core import from_json, to_json

from gateway.entrance import Gateway
from gateway.openapi_merge import merge
from gateway.routes import OWN

FRESH_SECONDS = 10
INCOMPLETE_FRESH_SECONDS = 1
WITHIN_SECONDS = 2

router = APIRouter(include_in_schema=False)


class MergedDocument:
    """Asks the services again when it is no longer fresh; builds it again when they changed."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._fresh_until = 0.0
        self._parts: dict[str, bytes] = {}
        self.content = b""
        self.tag = ""

    async def refresh(self, app: FastAPI) -> None:
        async with self._lock:
            if time.monotonic() < self._fresh_until:
                return
            gateway: Gateway = app.state.gateway
            names = [name for name in gateway.upstreams if name != "mailbox"]
            fetched = await asyncio.gather(
                *(
                    gateway.upstreams[name].fetch(
                        "/openapi.json", [], within_seconds=WITHIN_SECONDS
                    )
                    for name in names
                )
            )
            found = zip(names, fetched, strict=True)
            parts = {name: answer.body for name, answer in found if answer and answer.status == 200}
            if parts != self._parts or not self.content:
                self._build(app, gateway, parts, [name for name in names if name not in parts])
            complete = len(parts) == len(names)
            kept = FRESH_SECONDS if complete else INCOMPLETE_FRESH_SECONDS
            self._fresh_until = time.monotonic() + kept

    def _build(
        self, app: FastAPI, gateway: Gateway, parts: dict[str, bytes], unavailable: list[str]
    ) -> None:
        documents = {name: from_json(part) for name, part in parts.items()} | {OWN: app.openapi()}
        self.content = to_json(merge(documents, gateway.table, unavailable))
        self.tag = f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'
        self._parts = parts


@router.get("/api/openapi.json")
async def read_document(request: Request) -> Response:
    document: MergedDocument = request.app.state.document
    await document.refresh(request.app)
    headers = {"ETag": document.tag, "Cache-Control": "no-cache"}
    if request.headers.get("If-None-Match") == document.tag:
        return Response(status_code=304, headers=headers)
    return Response(document.content, headers=headers, media_type="application/json")


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Bookly's API</title>
<link rel="stylesheet" href="/api/docs/assets/swagger-ui.css">
<link rel="icon" href="/api/docs/assets/favicon.png">
<div id="api"></div>
<script src="/api/docs/assets/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</html>
"""
START = """SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  filter: true,
});
"""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@router.get("/api/docs")
async def read_docs() -> HTMLResponse:
    return HTMLResponse(PAGE, headers={"Content-Security-Policy": POLICY})


@router.get("/api/docs/start.js")
async def read_start() -> Response:
    return Response(START, media_type="text/javascript")


def assets() -> StaticFiles:
    return StaticFiles(directory=str(files("fastapi_offline") / "static"))
