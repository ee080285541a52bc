"""Portal's HTTP API."""

from fastapi import FastAPI

from chassis.app import create_app
from chassis.server import serve
from portal.settings import PortalSettings


def create(settings: PortalSettings) -> FastAPI:
    return create_app(settings)


def main() -> None:
    settings = PortalSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
