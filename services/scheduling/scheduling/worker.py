"""Scheduling's worker: relays its events, hears the others' and answers their requests."""

from functools import partial

from fastapi import FastAPI

from chassis.app import create_app
from chassis.due_rows import do_what_is_due
from chassis.server import serve
from chassis.worker import loops_of
from payments.due_work import due_work
from scheduling.busy_calendars.renewing import renew_calendars
from scheduling.deposits.till import TILL
from scheduling.feeds.completing import complete_feeds
from scheduling.holds.forgetting import forget_holds
from scheduling.requests import REQUESTS
from scheduling.session_holds.asking import ask_about_holds
from scheduling.settings import SchedulingSettings
from scheduling.subscriptions import SUBSCRIPTIONS
from scheduling.things_needed.settling import settle_appointments

DUE = (*due_work(TILL), ask_about_holds, settle_appointments)


def create(settings: SchedulingSettings) -> FastAPI:
    kinds = [*DUE, renew_calendars(settings.fetch_policy, settings.read_seconds)]
    due = partial(do_what_is_due, kinds)
    loops = loops_of(SUBSCRIPTIONS, REQUESTS, [complete_feeds, forget_holds, due])
    return create_app(settings, loops=loops)


def main() -> None:
    settings = SchedulingSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
