"""Catalog's HTTP API."""

from fastapi import FastAPI

from catalog.services.routes import router as services
from catalog.settings import CatalogSettings
from chassis.app import create_app
from chassis.server import serve


def create(settings: CatalogSettings) -> FastAPI:
    return create_app(settings, routers=[services])


def main() -> None:
    settings = CatalogSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
