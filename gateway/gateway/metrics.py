"""What the gateway counts, without a path, a person or a business in any label."""

from functools import lru_cache

from prometheus_client import Counter, Histogram

ANSWERS = Counter("gateway_answers", "Answers by service and status", ["service", "status"])
SECONDS = Histogram(
    "gateway_answer_seconds",
    "From the request's head to the answer's end",
    ["service"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


@lru_cache(maxsize=1000)
def answers(service: str, status: int) -> Counter:
    return ANSWERS.labels(service, status)


@lru_cache(maxsize=100)
def seconds(service: str) -> Histogram:
    return SECONDS.labels(service)
