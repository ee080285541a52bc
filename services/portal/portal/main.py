"""Portal's HTTP API."""

from fastapi import FastAPI

from chassis.app import create_app
from chassis.server import serve
from portal.bookings import routes as bookings
from portal.email_changes import routes as email_changes
from portal.erasures.routes import router as erasures
from portal.exports.routes import router as exports
from portal.feeds.routes import router as feeds
from portal.manage_links.routes import router as manage_links
from portal.packages.routes import router as packages
from portal.pages import routes as pages
from portal.portal_sessions.routes import router as portal_sessions
from portal.profile.routes import router as profile
from portal.receipts import routes as receipts
from portal.settings import PortalSettings
from portal.sign_in_links.routes import router as sign_in_links
from portal.waitlist.routes import router as waitlist

ROUTERS = (
    # First, since its second word is anybody's slug and no id.
    sign_in_links,
    portal_sessions,
    bookings.reading,
    bookings.asking,
    waitlist,
    packages,
    receipts.rendering,
    receipts.reading,
    email_changes.asking,
    email_changes.confirming,
    profile,
    feeds,
    exports,
    erasures,
    manage_links,
    pages.router,
    pages.files,
)


def create(settings: PortalSettings) -> FastAPI:
    return create_app(settings, routers=ROUTERS)


def main() -> None:
    settings = PortalSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
