"""Whether the gateway is there, and what it sees from here."""

import asyncio

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.problems import NotFound
from gateway.callers import Caller, within
from gateway.entrance import Gateway

WITHIN_SECONDS = 1

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def alive() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz")
async def ready(request: Request) -> dict[str, bool | dict[str, str]]:
    """Always ready: with services down it still says so better than anyone in front of it."""
    gateway: Gateway = request.app.state.gateway
    fetched = await asyncio.gather(
        *(
            upstream.fetch("/readyz", [], within_seconds=WITHIN_SECONDS)
            for upstream in gateway.upstreams.values()
        )
    )
    states = {
        name: "no answer" if not answer else "ready" if answer.status == 200 else "not ready"
        for name, answer in zip(gateway.upstreams, fetched, strict=True)
    }
    return {"nats": request.app.state.runtime.nats.is_connected, "upstreams": states}


@router.get("/metrics")
async def read_metrics(request: Request) -> Response:
    """For who collects them, directly; through a proxy there is no such thing."""
    caller: Caller = request.state.caller
    if caller.proxied or not within(
        caller.address, request.app.state.runtime.settings.metrics_from
    ):
        raise NotFound
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
