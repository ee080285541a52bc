"""One API out of many."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from chassis.auth import Verifier
from chassis.clock import clock_from
from chassis.http import handle_problems
from chassis.revocations import Revocations
from chassis.runtime import Connected, connected
from chassis.server import serve
from chassis.telemetry import observe
from gateway import calendar, health, openapi
from gateway.allowances import Allowances
from gateway.callers import Callers
from gateway.entrance import Entrance, Gateway
from gateway.feeds import fetching
from gateway.feeds import routes as feed_routes
from gateway.feeds.fetched import FetchedTimes
from gateway.feeds.parts import Parts
from gateway.feeds.records import FeedRecords
from gateway.feeds.repetitions import Repetitions
from gateway.live import routes as live_routes
from gateway.live.open_streams import OpenStreams
from gateway.live.shutdown import when_told_to_stop
from gateway.method_not_allowed import name_methods
from gateway.routes import MAILBOX, ROUTES, RouteTable
from gateway.settings import GatewaySettings
from gateway.upstream import Upstream

YOUNG_OBJECTS = 20_000
ROUTERS = (
    calendar.router,
    live_routes.router,
    feed_routes.router,
    fetching.router,
    openapi.router,
    health.router,
)


def create(settings: GatewaySettings) -> FastAPI:
    observe(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        revocations = Revocations()
        runtime = Connected(settings, clock_from(settings.clock))
        streams = OpenStreams(runtime, revocations)
        gateway = gateway_of(settings, runtime, revocations)
        async with connected(runtime, [revocations.follow, *streams.loops]):
            app.state.runtime = runtime
            app.state.document = openapi.MergedDocument()
            app.state.streams = streams
            app.state.feeds = FeedRecords(runtime)
            app.state.parts = Parts(runtime)
            app.state.fetched = FetchedTimes(app.state.feeds)
            app.state.repetitions = Repetitions(runtime)
            app.state.gateway = gateway
            with when_told_to_stop(streams.close):
                yield
        for upstream in gateway.upstreams.values():
            upstream.close()

    app = FastAPI(
        title="Bookly gateway",
        version="1",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    handle_problems(app)
    name_methods(app)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/api/docs/assets", openapi.assets())
    app.add_middleware(Entrance)
    return app


def gateway_of(settings: GatewaySettings, runtime: Connected, revocations: Revocations) -> Gateway:
    return Gateway(
        table=RouteTable((*ROUTES, MAILBOX) if settings.mailbox_url else ROUTES),
        upstreams={
            name: Upstream(name, origin, settings) for name, origin in settings.upstreams.items()
        },
        callers=Callers(settings.trusted_proxies),
        allowances=Allowances(
            per_address=settings.limit_per_address,
            per_principal=settings.limit_per_principal,
            per_business=settings.limit_per_business,
            sign_in=settings.limit_sign_in,
        ),
        verifier=Verifier(settings.public_keys, runtime.clock, revocations),
        silence_seconds=settings.answer_seconds,
    )


def main() -> None:
    settings = GatewaySettings()
    app = create(settings)
    # What is here now stays; looking through it again and again took a tenth of each request.
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    serve(app, settings)


if __name__ == "__main__":
    main()
