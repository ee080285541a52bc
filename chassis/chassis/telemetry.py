"""Logs as JSON with trace ids and no personal data; traces and metrics by OpenTelemetry."""

import logging
import sys
import traceback
from typing import Any

import structlog
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from chassis.settings import ProcessSettings


def observe(settings: ProcessSettings) -> None:
    """Once per process, whichever of its apps is made first."""
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        return
    write_logs(settings.service)
    resource = Resource.create({"service.name": settings.service})
    traces = TracerProvider(resource=resource)
    if settings.otlp_endpoint:
        exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint}/v1/traces")
        traces.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(traces)
    metrics.set_meter_provider(MeterProvider([PrometheusMetricReader()], resource))


def write_logs(service: str) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            name_service(service),
            name_trace,
            tell_place_not_message,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stdout)


def name_service(service: str) -> structlog.types.Processor:
    return lambda _logger, _method, event: {**event, "service": service}


def name_trace(_logger: Any, _method: str, event: Any) -> Any:
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        event["trace_id"] = trace.format_trace_id(span.trace_id)
    return event


def tell_place_not_message(_logger: Any, _method: str, event: Any) -> Any:
    """An exception's message may quote a customer's row, so only its type and place are logged."""
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "site-packages" not in frame.filename]
        frames = ours[-5:] + frames[-1:]
        event["error"] = type(error).__name__
        event["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event
