"""Scheduling's HTTP API."""

from fastapi import FastAPI

from chassis.app import create_app
from chassis.server import serve
from scheduling.appointments.routes import router as appointments
from scheduling.calendar.routes import router as calendar
from scheduling.settings import SchedulingSettings
from scheduling.slots.routes import router as slots
from scheduling.working_hours.routes import router as working_hours


def create(settings: SchedulingSettings) -> FastAPI:
    return create_app(settings, routers=[appointments, slots, working_hours, calendar])


def main() -> None:
    settings = SchedulingSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
