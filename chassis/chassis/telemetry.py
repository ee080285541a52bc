"""Logs as JSON with trace ids and no personal data; traces and metrics by OpenTelemetry."""

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from nats.aio.msg import Msg
from opentelemetry import metrics, propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, DEFAULT_ON

from chassis.settings import ProcessSettings


def observe(settings: ProcessSettings) -> None:
    """Once per process, whichever of its apps is made first."""
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        return
    write_logs(settings.service)
    resource = Resource.create({"service.name": settings.service})
    # Nobody would look at a span's attributes; its trace id is carried on all the same.
    sampler = DEFAULT_ON if settings.otlp_endpoint else ALWAYS_OFF
    traces = TracerProvider(sampler, resource)
    if settings.otlp_endpoint:
        exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint}/v1/traces")
        traces.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(traces)
    metrics.set_meter_provider(MeterProvider([PrometheusMetricReader()], resource))


def write_logs(service: str) -> None:
    wrapper = structlog.make_filtering_bound_logger(logging.INFO)
    output = structlog.PrintLoggerFactory(sys.stdout)
    structlog.configure(processors_of(service), wrapper, logger_factory=output)
    theirs = logging.StreamHandler(sys.stdout)
    theirs.setFormatter(library_logs(service))
    logging.basicConfig(level=logging.WARNING, handlers=[theirs])


def processors_of(service: str) -> list[structlog.types.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        lambda _logger, _method, event: {**event, "service": service},
        name_trace,
        tell_place_not_message,
        structlog.processors.JSONRenderer(),
    ]


def library_logs(service: str) -> logging.Formatter:
    """Libraries log too, uvicorn the traceback of every defect: they go through the same line."""
    return structlog.stdlib.ProcessorFormatter(processors=[drop_quotes, *processors_of(service)])


def drop_quotes(_logger: Any, _method: str, event: Any) -> Any:
    """From the second line on, asyncio quotes exceptions that nobody awaited."""
    return {"event": event["event"].partition("\n")[0], "exc_info": event.get("exc_info")}


def name_trace(_logger: Any, _method: str, event: Any) -> Any:
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        event["trace_id"] = trace.format_trace_id(span.trace_id)
    return event


def tell_place_not_message(_logger: Any, _method: str, event: Any) -> Any:
    """An exception's message may quote somebody's row, so only its type and place are logged."""
    error = event.pop("exc_info", None)
    error = error[1] if isinstance(error, tuple) else error
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "site-packages" not in frame.filename]
        places = [*ours[-5:], *frames[-1:]]
        event["error"] = type(error).__name__
        event["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in places]
    return event


@contextmanager
def span(name: str, message: Msg) -> Iterator[None]:
    """Go on with the trace of whoever sent the message; a failure's text stays out of it."""
    parent = propagate.extract(message.headers or {})
    opened = trace.get_tracer("chassis").start_span(name, parent)
    with trace.use_span(opened, True, False, False):  # noqa: FBT003
        yield
