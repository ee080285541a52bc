"""Starting, reaping and stopping one process."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stack.forking import fork_module
from stack.programs import Program

_LAUNCH = str(Path(__file__).with_name("launch.py"))


class DidNotStart(Exception):
    pass


@dataclass
class Process:
    program: Program
    pid: int
    log: Path
    started: float = field(default_factory=time.monotonic)
    exit_code: int | None = None

    def has_ended(self) -> bool:
        if self.exit_code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.exit_code = os.waitstatus_to_exitcode(status)
        return self.exit_code is not None

    def signal(self, number: signal.Signals) -> None:
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """The whole group, so that nothing the process started stays behind."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def stop(self) -> None:
        self.signal(self.program.stop_signal)
        deadline = time.monotonic() + self.program.grace_seconds
        while not self.has_ended():
            if time.monotonic() > deadline:
                self.kill()
            time.sleep(0.01)

    def last_lines(self, count: int = 20) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-count:])


def start(program: Program, log: Path, *, fork: bool = False) -> Process:
    """With `fork` a module of ours starts in milliseconds from what this process has imported."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if program.module and fork:
        return Process(program, fork_module(program, log), log)
    return Process(program, _spawn(program, log), log)


def _spawn(program: Program, log: Path) -> int:
    command = program.command or (sys.executable, "-m", program.module)
    launch = (sys.executable, "-I", "-S", _LAUNCH)
    terms = (str(os.getpid()), str(int(program.death_signal)), program.identity)
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return os.posix_spawn(
        sys.executable,
        [*launch, *terms, *command],
        dict(program.environment),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), append, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )


@contextmanager
def running(program: Program, log: Path, within_seconds: float = 60) -> Iterator[Process]:
    """For tests: started, ready, and stopped again at the end."""
    process = start(program, log)
    try:
        deadline = time.monotonic() + within_seconds
        while not program.is_ready():
            if process.has_ended() or time.monotonic() > deadline:
                raise DidNotStart(f"{program.name} did not start:\n{process.last_lines()}")
            time.sleep(0.01)
        yield process
    finally:
        process.stop()
