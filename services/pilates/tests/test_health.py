import httpx2

from chassis.testing import eventually


async def test_it_is_ready_with_its_database_and_nats(pilates: httpx2.AsyncClient) -> None:
    async def is_ready() -> bool:
        answer = await pilates.get("/readyz")
        return answer.status_code == 200 and answer.json() == {"database": True, "nats": True}

    await eventually(is_ready)
    assert (await pilates.get("/healthz")).json() == {"status": "ok"}
