"""Notifications' worker: hears what happened, and hands what is to be said to the broker."""

from fastapi import FastAPI

from chassis.app import create_app
from chassis.server import serve
from chassis.worker import loops_of
from notifications.broker import celery, trace_tasks
from notifications.messages.dispatch import dispatcher
from notifications.settings import NotificationsSettings
from notifications.subscriptions import SUBSCRIPTIONS


def create(settings: NotificationsSettings) -> FastAPI:
    trace_tasks()
    broker = celery(settings.broker_url, settings.sending_lasts_seconds)
    loops = loops_of(SUBSCRIPTIONS, requests={}, own=[dispatcher(broker)])
    return create_app(settings, loops=loops)


def main() -> None:
    settings = NotificationsSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
