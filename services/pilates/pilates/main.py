"""Pilates's HTTP API."""

from fastapi import FastAPI

from chassis.app import create_app
from chassis.server import serve
from pilates.attendances.routes import router as attendances
from pilates.calendar.routes import router as calendar
from pilates.class_changes.routes import router as class_changes
from pilates.class_series.routes import router as class_series
from pilates.class_sessions.public_routes import router as public_class_sessions
from pilates.class_sessions.routes import router as class_sessions
from pilates.class_templates.routes import router as class_templates
from pilates.customer_packages.routes import router as customer_packages
from pilates.drop_ins.routes import hearing, paying
from pilates.drop_ins.routes import router as drop_ins
from pilates.package_types.routes import router as package_types
from pilates.receipts.routes import router as receipts
from pilates.resources.routes import router as resources
from pilates.settings import PilatesSettings
from pilates.waitlist.routes import router as waitlist


def create(settings: PilatesSettings) -> FastAPI:
    return create_app(
        settings,
        routers=[
            attendances,
            calendar,
            class_changes,
            class_series,
            class_sessions,
            class_templates,
            customer_packages,
            drop_ins,
            hearing,
            package_types,
            paying,
            public_class_sessions,
            receipts,
            resources,
            waitlist,
        ],
    )


def main() -> None:
    settings = PilatesSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
