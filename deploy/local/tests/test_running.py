import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx2
import psycopg
import pytest

from stack.ports import free_ports
from stack.testing import RunningStack, running_stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    with running_stack(tmp_path_factory.mktemp("stack") / "home") as started:
        yield started


def refused(home: Path, port: int, environment: Mapping[str, str] | None = None) -> str:
    told = {"BOOKLY_HOME": str(home), "PORT": str(port), "DEMO": "0", "BROKER": "pgmq"}
    command = [sys.executable, "-m", "stack", "run"]
    ended = subprocess.run(
        command,
        env={**os.environ, **told, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    return ended.stderr


def eventually(what: Callable[[], bool], within_seconds: float = 60) -> None:
    deadline = time.monotonic() + within_seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_every_process_has_its_log_and_its_id(stack: RunningStack) -> None:
    names = {*stack.facts["ports"]} - {"smtp"} | {"notifications-mailer", "supervisor"}
    for name in names:
        assert is_alive(stack.pid(name)), name
    assert (stack.home / "secrets.json").stat().st_mode & 0o077 == 0
    assert stack.facts["ports"].keys() >= {"catalog", "scheduling-worker", "mailbox", "gateway"}


@pytest.mark.skipif(sys.platform != "linux", reason="Only there all are forked from one.")
def test_where_the_machine_is_busy_mails_give_way_to_answers(stack: RunningStack) -> None:
    def niceness(name: str) -> int:
        return os.getpriority(os.PRIO_PROCESS, stack.pid(name))

    assert niceness("gateway") == niceness("pilates") == niceness("pilates-worker")
    for name in ("notifications-mailer", "notifications-worker"):
        assert niceness(name) > niceness("pilates"), name


def test_a_second_stack_in_the_same_home_is_told_where_the_first_is(stack: RunningStack) -> None:
    answer = refused(stack.home, free_ports(1)[0])
    assert f"already runs from {stack.home}" in answer
    assert f"http://localhost:{stack.facts['ports']['gateway']}" in answer
    assert str(stack.supervisor.pid) in answer


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = refused(tmp_path / "home", port)
    assert f"Port {port} is taken" in answer
    assert f"PORT={port + 1}" in answer
    assert not (tmp_path / "home" / "postgres").exists()


@pytest.mark.parametrize("name", ["catalog", "gateway", "scheduling-worker", "nats", "postgres"])
def test_a_process_that_dies_comes_back_where_it_was(stack: RunningStack, name: str) -> None:
    before = stack.pid(name)
    os.kill(before, signal.SIGKILL)
    eventually(lambda: stack.pid(name) != before and is_alive(stack.pid(name)))

    def answers() -> bool:
        try:
            return httpx2.get(f"{stack.url}/readyz", timeout=5).status_code == 200
        except httpx2.TransportError:
            return False

    eventually(answers)


def test_a_program_that_cannot_start_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "portal"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("import a_package_nobody_has\n")
    found_first = {"PYTHONPATH": str(tmp_path / "broken")}
    answer = refused(tmp_path / "home", free_ports(1)[0], found_first)
    assert "portal" in answer
    assert str(tmp_path / "home" / "logs") in answer
    assert "a_package_nobody_has" in answer


def test_data_survives_a_restart_even_one_after_the_supervisor_was_killed(
    stack: RunningStack,
) -> None:
    """Comes last: this stack is nobody's afterwards."""
    with psycopg.connect(stack.facts["database_urls"]["portal"]["owner"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    pids = stack.home / "pids"
    left = [int(file.read_text()) for file in pids.glob("*.pid")]
    stack.supervisor.kill()
    with running_stack(stack.home) as second:
        assert not any(is_alive(pid) for pid in left)
        with psycopg.connect(second.facts["database_urls"]["portal"]["owner"]) as connection:
            kept = connection.execute("SELECT answer FROM kept").fetchone()
        assert kept == (42,)
        left = [int(file.read_text()) for file in pids.glob("*.pid")]
    assert second.supervisor.returncode == 0
    assert not any(is_alive(pid) for pid in left)
    assert list(pids.iterdir()) == []
