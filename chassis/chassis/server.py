"""Serve an app until told to stop, then let requests end."""

import uvicorn
from fastapi import FastAPI

from chassis.settings import ProcessSettings

GRACE_SECONDS = 10
KEEP_ALIVE_SECONDS = 75
"""Longer than clients keep an idle connection, so that they do not ask on one we are closing."""


def serve(app: FastAPI, settings: ProcessSettings) -> None:
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        # It would believe X-Forwarded-For from any local process; the gateway has its own list.
        proxy_headers=False,
        backlog=4096,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
