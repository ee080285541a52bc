"""Starting, reaping and stopping one process."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stack.forking import fork_module
from stack.identities import launch_prefix
from stack.programs import Program


class DidNotStart(Exception):
    pass


def never() -> bool:
    return False


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
        stop_together([self])

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
    ours = (sys.executable, "-m", program.module, *program.arguments)
    launch = launch_prefix(program.identity, program.death_signal)
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    into_log = [
        (os.POSIX_SPAWN_OPEN, 1, str(log), append, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    return os.posix_spawn(
        sys.executable,
        [*launch, *(program.command or ours)],
        dict(program.environment),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            *([] if program.on_terminal else into_log),
        ],
    )


def stop_together(processes: Sequence[Process], in_a_hurry: Callable[[], bool] = never) -> None:
    """Asks all at once, waits, and kills those that outstay their grace."""
    for process in processes:
        process.signal(process.program.stop_signal)
    asked = time.monotonic()
    left = list(processes)
    while left := [process for process in left if not process.has_ended()]:
        waited = time.monotonic() - asked
        for process in left:
            if waited > process.program.grace_seconds or in_a_hurry():
                process.kill()
        time.sleep(0.01)
    for process in processes:
        process.kill()


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
