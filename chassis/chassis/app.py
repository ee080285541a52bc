"""The app factory: every process of every service is made here."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from chassis.auth import Verifier, public
from chassis.http import Process, handle_problems
from chassis.revocations import Revocations
from chassis.runtime import Loop, running
from chassis.settings import ServiceSettings
from chassis.telemetry import observe

MAX_BODY_BYTES = 5 * 1024 * 1024

health = APIRouter(dependencies=[Depends(public)], include_in_schema=False)


@health.get("/healthz")
async def alive() -> dict[str, str]:
    return {"status": "ok"}


@health.get("/readyz")
async def ready(process: Process, response: Response) -> dict[str, bool]:
    """Ready means its database answers: what needs no other service goes on without NATS."""
    try:
        async with process.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except Exception:  # noqa: BLE001  Whatever the reason, it is not ready.
        response.status_code = 503
    return {"database": response.status_code != 503, "nats": process.nats.is_connected}


@health.get("/metrics")
def tell_metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def create_app(
    settings: ServiceSettings, *, routers: Sequence[APIRouter] = (), loops: Sequence[Loop] = ()
) -> FastAPI:
    """An API process has routers, a worker has loops; both answer for their health."""
    observe(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        revocations = Revocations()
        following = [revocations.follow] if routers else []
        async with running(settings, [*loops, *following]) as runtime:
            app.state.runtime = runtime
            app.state.verifier = Verifier(settings.public_keys, runtime.clock, revocations)
            yield

    app = FastAPI(
        title=f"Bookly {settings.service}",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        max_body_size=MAX_BODY_BYTES,
        generate_unique_id_function=lambda route: route.name,
        telemetry={"operation_spans": False, "logs": False},
    )
    handle_problems(app)
    for router in (*routers, health):
        app.include_router(router)
    return app
