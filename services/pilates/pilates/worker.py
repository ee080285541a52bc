"""Pilates's worker: relays its events, hears the others' and answers their requests."""

from functools import partial

from fastapi import FastAPI

from chassis.app import create_app
from chassis.due_rows import do_what_is_due
from chassis.server import serve
from chassis.worker import loops_of
from payments.due_work import due_work
from pilates.appointment_holds.asking import ask_about_appointments
from pilates.attendances.recording import sweep_who_did_not_come
from pilates.class_sessions.settling import settle_sessions
from pilates.customer_packages.expiring import look_after_packages
from pilates.drop_ins.till import TILL
from pilates.requests import REQUESTS
from pilates.settings import PilatesSettings
from pilates.subscriptions import SUBSCRIPTIONS
from pilates.waitlist.sweeping import keep_queues_current

DUE = (
    *due_work(TILL),
    ask_about_appointments,
    keep_queues_current,
    look_after_packages,
    settle_sessions,
    sweep_who_did_not_come,
)


def create(settings: PilatesSettings) -> FastAPI:
    own = [partial(do_what_is_due, DUE)]
    return create_app(settings, loops=loops_of(SUBSCRIPTIONS, REQUESTS, own))


def main() -> None:
    settings = PilatesSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
