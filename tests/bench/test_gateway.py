"""What the gateway costs: the same request through it and past it, in turns."""

import http.client
import time
from statistics import median

import httpx2

from stack.testing import RunningStack
from tests.bench.conftest import Measured
from tests.studio import open_studio

ROUNDS = 20
REQUESTS_A_ROUND = 25


class Caller:
    """One kept connection, and little else that would be measured as well."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = headers

    def milliseconds(self, path: str) -> float:
        begun = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        assert answer.status == 200
        return (time.perf_counter() - begun) * 1000


async def test_what_the_gateway_adds_to_a_request(
    stack: RunningStack, gateway: httpx2.AsyncClient, measured: Measured
) -> None:
    studio = await open_studio(gateway)
    ports = stack.facts["ports"]
    direct, through = (Caller(ports[name], studio.bearer) for name in ("catalog", "gateway"))
    times: dict[Caller, list[float]] = {direct: [], through: []}
    for _ in range(ROUNDS):
        for caller, taken in times.items():
            taken += [caller.milliseconds("/api/services") for _ in range(REQUESTS_A_ROUND)]
    direct_ms, through_ms = median(times[direct]), median(times[through])
    measured(
        "GET /api/services: through the gateway / direct (p50)",
        through_ms / direct_ms,
        goal=1.3,
        direct_ms=direct_ms,
        through_ms=through_ms,
        added_ms=through_ms - direct_ms,
    )
