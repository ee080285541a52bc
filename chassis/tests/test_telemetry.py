"""One trace from the click to the handler, and nobody's data in the logs."""

import logging
from uuid import uuid4

import httpx2
import pytest
from notebook.desk import Desk
from notebook.subscriptions import stumbles

from chassis.telemetry import library_logs
from chassis.testing import eventually
from stack.signer import Signer


async def test_one_trace_leads_from_the_request_through_the_outbox_to_the_handlers_log(
    api: httpx2.AsyncClient, shared: Desk, signer: Signer, capsys: pytest.CaptureFixture[str]
) -> None:
    business_id, trace_id = uuid4(), uuid4().hex
    secret = f"Erika Mustermann {business_id}"
    stumbles[secret] = 1
    headers = signer.bearer(business_id) | {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    made = await api.post("/notes", json={"title": secret}, headers=headers)
    assert made.status_code == 201

    async def heard_at_the_second_try() -> bool:
        return shared.tally(business_id, "stumble") == 1

    await eventually(heard_at_the_second_try)
    [event] = shared.rows("SELECT headers FROM outbox WHERE body LIKE %s", f"%{business_id}%")
    assert trace_id in event["headers"]["traceparent"]
    said = capsys.readouterr().out
    [failure] = [line for line in said.splitlines() if "Event handler failed" in line]
    assert f'"trace_id": "{trace_id}"' in failure
    assert '"error": "ValueError"' in failure
    assert secret not in said


def logged(message: str, error: Exception | None = None) -> str:
    caught = (type(error), error, None) if error else None
    record = logging.LogRecord("library", logging.ERROR, "", 1, message, (), caught)
    return library_logs("notebook").format(record)


def test_libraries_log_without_an_exceptions_message_too() -> None:
    """As uvicorn does with every defect, and asyncio with a task that nobody awaited."""
    told = logged("Exception in ASGI application\n", ValueError("Erika Mustermann"))
    assert "Erika" not in told
    assert '"error": "ValueError"' in told
    assert "Erika" not in logged("Never retrieved\nfuture: ValueError('Erika Mustermann')")
