"""Portal's worker: relays its events, hears the others' and answers their requests."""

from functools import partial

from fastapi import FastAPI

from chassis.app import create_app
from chassis.due_rows import do_what_is_due
from chassis.server import serve
from chassis.worker import loops_of
from portal.requests import REQUESTS
from portal.settings import PortalSettings
from portal.sign_in_links.making import make_links
from portal.subscriptions import SUBSCRIPTIONS
from portal.tidying import forget_what_is_over


def create(settings: PortalSettings) -> FastAPI:
    due = partial(do_what_is_due, [make_links])
    loops = loops_of(SUBSCRIPTIONS, REQUESTS, [forget_what_is_over, due])
    return create_app(settings, loops=loops)


def main() -> None:
    settings = PortalSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
