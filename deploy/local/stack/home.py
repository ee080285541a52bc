"""The folder that holds everything a running stack keeps, and who may use it."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LONG_LOG_BYTES = 10 * 1024 * 1024


class AlreadyRunning(Exception):
    pass


@dataclass(frozen=True)
class Home:
    path: Path

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def pids(self) -> Path:
        return self.path / "pids"

    @property
    def ready_file(self) -> Path:
        return self.path / "ready.json"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    @contextmanager
    def locked(self, url: str) -> Iterator[None]:
        """One stack per home; the kernel lets go of the lock however the holder ends."""
        for folder in (self.path, self.logs, self.pids):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.path / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunning(self._who_runs()) from None
            lock.truncate(0)
            lock.write(json.dumps({"pid": os.getpid(), "url": url}))
            lock.flush()
            self.ready_file.unlink(missing_ok=True)
            self._end_leftovers()
            self._put_long_logs_aside()
            self.note_pid("supervisor", os.getpid())
            try:
                yield
            finally:
                self.ready_file.unlink(missing_ok=True)
                self.forget_pid("supervisor")

    def _who_runs(self) -> str:
        try:
            other = json.loads((self.path / "lock").read_text())
            where = f"{other['url']} (process {other['pid']})"
            stop = f"stop it with Ctrl-C where it was started, or with: kill {other['pid']}"
        except (ValueError, KeyError):
            where, stop = "an address it has not told yet", "stop it with Ctrl-C"
        return (
            f"Bookly already runs from {self.path}, at {where}.\n"
            f"Use that one; or {stop};\n"
            "or start a second one beside it: make run PORT=8001 BOOKLY_HOME=/another/folder"
        )

    def note_pid(self, name: str, pid: int) -> None:
        draft = self.pids / f"{name}.draft"
        draft.write_text(f"{pid}\n")
        draft.replace(self.pids / f"{name}.pid")

    def forget_pid(self, name: str) -> None:
        (self.pids / f"{name}.pid").unlink(missing_ok=True)

    def _end_leftovers(self) -> None:
        """A supervisor that was killed leaves nobody behind for long, but perhaps for a second."""
        deadline = time.monotonic() + 10
        for file in self.pids.glob("*.pid"):
            pid = int(file.read_text())
            while self._is_ours(pid):
                if time.monotonic() > deadline:
                    with suppress(ProcessLookupError):
                        os.killpg(pid, signal.SIGKILL)
                time.sleep(0.02)
            file.unlink()

    def _put_long_logs_aside(self) -> None:
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > _LONG_LOG_BYTES:
                log.replace(log.with_suffix(".old"))

    def _is_ours(self, pid: int) -> bool:
        """A number is reused; a process in our folder is ours."""
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == self.path
        except OSError:
            return False

    def announce(self, facts: dict[str, Any]) -> None:
        """With passwords: for tests and other tools of whoever started the stack."""
        draft = self.path / "ready.draft"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(facts, file, indent=2)
        draft.replace(self.ready_file)
