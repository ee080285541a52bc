"""Catalog's worker: relays its events, hears the others' and answers their requests."""

from fastapi import FastAPI

from catalog.access_revocation import spread_revocations
from catalog.requests import REQUESTS
from catalog.settings import CatalogSettings
from catalog.sign_ins.sweeping import sweep
from catalog.subscriptions import SUBSCRIPTIONS
from chassis.app import create_app
from chassis.server import serve
from chassis.worker import loops_of


def create(settings: CatalogSettings) -> FastAPI:
    return create_app(
        settings, loops=loops_of(SUBSCRIPTIONS, REQUESTS, [spread_revocations, sweep])
    )


def main() -> None:
    settings = CatalogSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
