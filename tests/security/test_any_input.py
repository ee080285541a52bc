"""Whatever is sent, by schema or against it: the answer is never a defect of ours."""

import asyncio
import sys
from pathlib import Path

import httpx2
import pytest

from stack.testing import RunningStack
from tests.openapi import operations
from tests.studio import Studio, open_studio

DOCUMENTS = {
    "catalog": "/openapi.json",
    "scheduling": "/openapi.json",
    "pilates": "/openapi.json",
    "portal": "/openapi.json",
    "notifications": "/openapi.json",
    "gateway": "/api/openapi.json",
}
BRIEFLY = ("--phases", "fuzzing", "--max-examples", "3", "--seed", "1")
BY_CHANCE = ("--phases", "coverage,fuzzing", "--max-examples", "100")
ENDS_THE_TOKEN = "/api/auth/sign-out"
NEVER_ENDS = "/api/calendar/live"
OWN_PATHS = ("--include-path-regex", "^/(feeds|healthz|readyz|api/(calendar|feeds|openapi|docs))")
"""The services' paths are tried at the services; in full also through the gateway."""


@pytest.fixture
async def studio(gateway: httpx2.AsyncClient) -> Studio:
    return await open_studio(gateway)


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_no_input_makes_a_server_error(
    stack: RunningStack, studio: Studio, name: str, in_full: bool, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{stack.facts['ports'][name]}{DOCUMENTS[name]}"
    if not any(operations((await studio.gateway.get(url)).json())):
        return
    exit_code, told = await schemathesis(
        tmp_path,
        *("run", url, "--header", f"Authorization: {studio.bearer['Authorization']}"),
        *("--checks", "not_a_server_error"),
        # One worker: CPython 3.11 cannot parse in two threads at once (python/cpython#106905).
        *(
            "--exclude-path",
            ENDS_THE_TOKEN,
            "--exclude-path",
            NEVER_ENDS,
            "--workers",
            "1",
            "--warnings",
            "off",
        ),
        *("--no-shrink", "--continue-on-failure"),
        *(OWN_PATHS if name == "gateway" and not in_full else ()),
        *(BY_CHANCE if in_full else BRIEFLY),
    )
    assert exit_code == 0, told


async def schemathesis(folder: Path, *arguments: str) -> tuple[int | None, str]:
    program = Path(sys.executable).with_name("schemathesis")
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        "--no-color",
        "--generation-database=none",
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    return process.returncode, told.decode(errors="replace")
