"""Catalog's HTTP API."""

from fastapi import APIRouter, FastAPI

from catalog.accounts.routes import router as accounts
from catalog.booking_pages.public_routes import router as public_booking
from catalog.booking_pages.routes import router as booking_pages
from catalog.businesses.routes import router as business
from catalog.customers.csv_routes import router as customer_tables
from catalog.customers.routes import router as customers
from catalog.invitations.routes import router as invitations
from catalog.members.routes import router as members
from catalog.pages.routes import router as pages
from catalog.services.routes import router as services
from catalog.settings import CatalogSettings
from catalog.sign_ins.routes import router as sign_ins
from catalog.staff.routes import router as staff
from chassis.app import create_app
from chassis.server import serve

ROUTERS: list[APIRouter] = [
    accounts,
    sign_ins,
    # Before members and customers, whose ids would take these words for their own.
    invitations,
    customer_tables,
    members,
    business,
    services,
    staff,
    customers,
    booking_pages,
    public_booking,
    pages,
]


def create(settings: CatalogSettings) -> FastAPI:
    return create_app(settings, routers=ROUTERS)


def main() -> None:
    settings = CatalogSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
