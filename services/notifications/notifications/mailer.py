"""The process that sends: a Celery worker whose one task delivers messages, one after the other."""

import sys
from uuid import UUID

from celery import Celery

from chassis import failpoints
from chassis.clock import clock_from
from chassis.telemetry import observe
from notifications.broker import DELIVER, celery, trace_tasks
from notifications.delivery.sender import Sender
from notifications.settings import NotificationsSettings


def create(settings: NotificationsSettings) -> Celery:
    app = celery(settings.broker_url, settings.sending_lasts_seconds)
    sender = Sender(settings, clock_from(settings.clock))

    @app.task(name=DELIVER)  # type: ignore[untyped-decorator]
    def deliver(messages: list[tuple[str, str]]) -> None:
        for business_id, message_id in messages:
            sender.deliver(UUID(business_id), UUID(message_id))

    return app


def main() -> None:
    settings = NotificationsSettings()
    failpoints.arm(settings)
    observe(settings)
    trace_tasks()
    worker = create(settings).Worker(
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    sys.exit(worker.exitcode)


if __name__ == "__main__":
    main()
