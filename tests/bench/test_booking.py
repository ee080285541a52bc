"""Many writers of one slot wait for one another, but nobody pays for the crowd."""

import asyncio
import time
from collections import Counter
from statistics import median, quantiles

import httpx2

from tests.bench.conftest import Measured
from tests.studio import Studio, open_studio

WRITERS = 32
ROUNDS = 6


async def seconds_and_status(studio: Studio, place: dict[str, str]) -> tuple[float, int]:
    begun = time.perf_counter()
    answer = await studio.book("writer@example.com", **place)
    return time.perf_counter() - begun, answer.status_code


async def test_32_writers_of_one_slot(gateway: httpx2.AsyncClient, measured: Measured) -> None:
    studio = await open_studio(gateway)
    warm_up, *places = studio.places(1 + 2 * ROUNDS)
    await asyncio.gather(*(seconds_and_status(studio, warm_up) for _ in range(WRITERS)))
    alone, crowded, per_answer = [], [], []
    for lonely, wanted in zip(places[::2], places[1::2], strict=True):
        alone.append((await seconds_and_status(studio, lonely))[0])
        begun = time.perf_counter()
        answers = await asyncio.gather(
            *(seconds_and_status(studio, wanted) for _ in range(WRITERS))
        )
        per_answer.append((time.perf_counter() - begun) / WRITERS)
        crowded += [seconds for seconds, _ in answers]
        assert Counter(status for _, status in answers) == {201: 1, 409: WRITERS - 1}
    percentiles = quantiles(crowded, n=100)
    measured(
        "32 writers of one slot: time an answer / a writer alone",
        median(per_answer) / median(alone),
        goal=1.0,
        alone_ms=median(alone) * 1000,
        p50_ms=percentiles[49] * 1000,
        p99_ms=percentiles[98] * 1000,
    )
    measured("32 writers of one slot: p99 / p50", percentiles[98] / percentiles[49], goal=3.0)
