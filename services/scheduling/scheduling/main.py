"""Scheduling's HTTP API."""

from fastapi import FastAPI

from chassis.app import create_app
from chassis.server import serve
from scheduling.appointments.routes import router as appointments
from scheduling.busy_calendars.routes import busy_calendars
from scheduling.calendar.routes import router as calendar
from scheduling.deposits.routes import hearing, paying
from scheduling.deposits.routes import router as deposits
from scheduling.holds.routes import router as holds
from scheduling.settings import SchedulingSettings
from scheduling.slots.finished_answers import FinishedAnswers
from scheduling.slots.finished_first import FinishedFirst
from scheduling.slots.routes import router as slots
from scheduling.time_off.routes import router as time_off
from scheduling.working_hours.routes import router as working_hours


def create(settings: SchedulingSettings) -> FastAPI:
    finished = FinishedAnswers()
    routers = [appointments, slots, holds, working_hours, calendar, deposits]
    connected = busy_calendars(settings.fetch_policy)
    app = create_app(
        settings,
        routers=[*routers, paying, hearing, time_off, connected],
        loops=[finished.follow],
    )
    app.state.finished_answers = finished
    app.add_middleware(FinishedFirst, finished=finished)
    return app


def main() -> None:
    settings = SchedulingSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
