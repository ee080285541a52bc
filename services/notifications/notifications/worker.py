"""Notifications' worker: hears what happened, says what is due, and hands it to the broker."""

from functools import partial

from fastapi import FastAPI

from chassis.app import create_app
from chassis.due_rows import do_what_is_due
from chassis.server import serve
from chassis.worker import loops_of
from notifications.bounces.intake import take_reports
from notifications.broker import celery, trace_tasks
from notifications.due_work import DUE_WORK
from notifications.messages.dispatch import dispatcher
from notifications.messages.metrics import measure
from notifications.settings import NotificationsSettings
from notifications.subscriptions import SUBSCRIPTIONS


def create(settings: NotificationsSettings) -> FastAPI:
    trace_tasks()
    broker = celery(settings.broker_url, settings.sending_lasts_seconds)
    due = partial(do_what_is_due, DUE_WORK)
    dispatch = dispatcher(broker, settings.mails_per_minute)
    loops = loops_of(SUBSCRIPTIONS, {}, [dispatch, measure, take_reports, due])
    return create_app(settings, loops=loops)


def main() -> None:
    settings = NotificationsSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
