"""Starts, watches, restarts and stops the processes of a stack.

Synchronous on purpose: a process without threads and event loop can be forked at any time.
"""

import contextlib
import os
import select
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType

from stack.home import Home
from stack.processes import DidNotStart, Process, start, stop_together
from stack.programs import Program
from stack.progress import Progress

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 10.0
_STABLE_AFTER_SECONDS = 30.0
_DEATHS_BEFORE_GIVING_UP = 3


class StopRequested(Exception):
    pass


@dataclass
class Watched:
    process: Process
    deaths: int = 0
    restart_at: float | None = None


class Supervisor:
    def __init__(self, home: Home, progress: Progress) -> None:
        self.fork = False
        self._home = home
        self._progress = progress
        self._stages: list[list[Watched]] = []
        self._stop_requests = 0
        self._wake, self._woken = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(self._woken, False)

    def listen(self) -> None:
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_stop)
        # Somebody who starts it with nohup wants it to outlive the terminal.
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._on_stop)

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_requests += 1

    def start(self, programs: Sequence[Program]) -> None:
        """What is started together is stopped together, in the reverse order of these calls."""
        stage: list[Watched] = []
        self._stages.append(stage)
        # One by one, so that those before a failure are known and stopped.
        stage.extend(Watched(self._launch(program)) for program in programs)

    def run_once(self, programs: Sequence[Program]) -> None:
        """All at the same time; returns when every one has ended well."""
        processes = [self._launch(program) for program in programs]
        try:
            while any(not process.has_ended() for process in processes):
                self.tend(1)
        finally:
            stop_together(processes)
            for process in processes:
                self._home.forget_pid(process.program.name)
        for process in processes:
            if process.exit_code != 0:
                raise DidNotStart(self._complaint(process, "failed"))

    def wait_until_ready(self, names: Sequence[str], within_seconds: float = 120) -> None:
        deadline = time.monotonic() + within_seconds
        waiting = [one for one in self._all() if one.process.program.name in names]
        while waiting := [one for one in waiting if not one.process.program.is_ready()]:
            for one in waiting:
                if one.deaths >= _DEATHS_BEFORE_GIVING_UP:
                    raise DidNotStart(self._complaint(one.process, "does not start"))
                if time.monotonic() > deadline:
                    raise DidNotStart(self._complaint(one.process, "is not ready"))
            self.tend(0.03)

    def tend(self, seconds: float) -> None:
        """One turn: sleeps until something happens, then restarts what has died."""
        if self._stop_requests:
            raise StopRequested
        due = [one.restart_at - time.monotonic() for one in self._all() if one.restart_at]
        select.select([self._wake], [], [], max(0, min([seconds, *due])))
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, 1024)
        if self._stop_requests:
            raise StopRequested
        for one in self._all():
            if one.restart_at is None:
                if one.process.has_ended():
                    self._bury(one)
            elif time.monotonic() >= one.restart_at:
                one.process = self._launch(one.process.program)
                one.restart_at = None

    def stop(self) -> None:
        """A second Ctrl-C, while waiting here, kills what has not ended yet."""
        requests = self._stop_requests
        for stage in reversed(self._stages):
            processes = [one.process for one in stage]
            stop_together(processes, in_a_hurry=lambda: self._stop_requests > max(requests, 1))
            for process in processes:
                self._home.forget_pid(process.program.name)
        self._stages.clear()

    def _all(self) -> list[Watched]:
        return [one for stage in self._stages for one in stage]

    def _launch(self, program: Program) -> Process:
        process = start(program, self._home.log(program.name), fork=self.fork)
        self._home.note_pid(program.name, process.pid)
        return process

    def _bury(self, one: Watched) -> None:
        process = one.process
        process.kill()
        lived = time.monotonic() - process.started
        one.deaths = 1 if lived > _STABLE_AFTER_SECONDS else one.deaths + 1
        pause = min(_FIRST_PAUSE_SECONDS * 2 ** (one.deaths - 1), _LONGEST_PAUSE_SECONDS)
        one.restart_at = time.monotonic() + pause
        name, log = process.program.name, process.log
        self._progress.say(f"{name} ended ({_how(process)}); starting it again, see {log}")

    def _complaint(self, process: Process, what: str) -> str:
        lines = process.last_lines()
        return f"{process.program.name} {what}. The end of {process.log}:\n\n{lines}\n"


def _how(process: Process) -> str:
    code = process.exit_code or 0
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
