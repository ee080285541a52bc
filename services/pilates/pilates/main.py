"""Pilates's HTTP API."""

from fastapi import FastAPI

from chassis.app import create_app
from chassis.server import serve
from pilates.attendances.routes import router as attendances
from pilates.calendar.routes import router as calendar
from pilates.settings import PilatesSettings
from pilates.waitlist.routes import router as waitlist


def create(settings: PilatesSettings) -> FastAPI:
    return create_app(settings, routers=[attendances, calendar, waitlist])


def main() -> None:
    settings = PilatesSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
