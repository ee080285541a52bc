"""Celery over RabbitMQ, or over PGMQ in PostgreSQL where there is no RabbitMQ.

The broker carries ids of messages and nothing else; the messages row is the truth. So nothing here
has a due time, a result or a retry: the row says when a mail is due and how it went.
"""

from typing import Any

from celery import Celery
from kombu.entity import Exchange, Queue
from opentelemetry.instrumentation.celery import CeleryInstrumentor

DELIVER = "deliver-messages"
QUEUE = "mail"
CONCURRENCY = 4
"""Mails sent at once by a mailer: most of the time of each is waiting for a disk or a server."""
HANDS = 6
"""Ids handed over at once: a broker says that it has one when that is on its disk."""
DELIVERY_LIMIT = 20
"""After so many returns RabbitMQ drops an id that kills its worker; the row still counts tries."""

EVERYWHERE: dict[str, Any] = {
    "task_acks_late": True,
    # Without it, acks_late alone loses a mail whose worker process is killed.
    "task_reject_on_worker_lost": True,
    "task_ignore_result": True,
    "task_default_queue": QUEUE,
    "task_serializer": "json",
    "accept_content": ["json"],
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "worker_concurrency": CONCURRENCY,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_connection_timeout": 4,
    "task_publish_retry_policy": {"max_retries": 1, "interval_start": 0},
}

RABBITMQ: dict[str, Any] = {
    "task_default_queue_type": "quorum",
    "task_default_exchange": QUEUE,
    "task_default_exchange_type": "topic",
    "task_default_routing_key": QUEUE,
    "task_queues": [
        Queue(  # type: ignore[no-untyped-call]
            QUEUE,
            Exchange(QUEUE, type="topic"),  # type: ignore[no-untyped-call]
            routing_key=QUEUE,
            queue_arguments={"x-queue-type": "quorum", "x-delivery-limit": DELIVERY_LIMIT},
        )
    ],
    "worker_detect_quorum_queues": True,
    "worker_pool": "prefork",
    "worker_prefetch_multiplier": 1,
    # A publish that RabbitMQ has not stored raises here, and the id is handed over again.
    "broker_transport_options": {"confirm_publish": True, "read_timeout": 10, "write_timeout": 10},
}


def pgmq(redelivered_after_seconds: int) -> dict[str, Any]:
    return {
        # Threads: PGMQ gives back what a dead process held only after its visibility time-out, so
        # there is no lost worker process to notice, and threads share one connection pool.
        "worker_pool": "threads",
        "worker_prefetch_multiplier": 4,
        "broker_transport_options": {
            "init_extension": False,
            "visibility_timeout": redelivered_after_seconds,
            "wait_time_seconds": 1,
            "poll_interval_ms": 50,
            "polling_interval": 0.1,
            "pool_size": HANDS,
            "pool_timeout": 4,
        },
    }


def celery(broker_url: str, redelivered_after_seconds: int) -> Celery:
    app = Celery("notifications", broker=broker_url, set_as_current=False)
    app.conf.update(EVERYWHERE)
    on_postgres = broker_url.startswith("pgmq:")
    app.conf.update(pgmq(redelivered_after_seconds) if on_postgres else RABBITMQ)
    return app


def trace_tasks() -> None:
    """Once per process: a trace goes on from the event through the broker to the mail."""
    instrumentor = CeleryInstrumentor()  # type: ignore[no-untyped-call]
    if not instrumentor.is_instrumented_by_opentelemetry:
        instrumentor.instrument()
