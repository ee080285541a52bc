"""Other makers' programs, in an environment that is gone after the run."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
REQUIREMENTS = ("--requirement", str(HERE / "requirements.txt"))
INSTALL_SECONDS = 300


class NotMeasured(Exception):
    """Says why a peer or a limit is not there; the rest goes on without it."""


@dataclass
class Peers:
    folder: Path
    _python: Path | None = None
    _refusal: str = ""

    def python(self) -> Path:
        """Of the environment, which is made when first asked for."""
        if self._refusal:
            raise NotMeasured(self._refusal)
        if self._python is None:
            try:
                self._python = install(self.folder / "environment")
            except NotMeasured as refused:
                self._refusal = str(refused)
                raise
        return self._python

    @contextmanager
    def peer(self, script: str, told: Any) -> Iterator["Peer"]:
        """Prepared and waiting for its first round."""
        log = (self.folder / f"{script}.log").open("wb")
        with (
            log,
            subprocess.Popen(
                [self.python(), HERE / f"{script}.py"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            ) as process,
        ):
            peer = Peer(script, process, Path(log.name))
            try:
                peer.ask(json.dumps(told))
                yield peer
            finally:
                process.kill()


@dataclass
class Peer:
    name: str
    process: "subprocess.Popen[str]"
    log: Path
    found: int = field(default=0, init=False)
    """In the last round."""

    def seconds(self) -> float:
        answer = self.ask("again")
        self.found = answer["found"]
        return float(answer["seconds"])

    def ask(self, line: str) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            said = self.log.read_text(errors="replace")
            errors = re.findall(r"^[\w.]+(?:Error|Exception): .*", said, re.MULTILINE)
            raise NotMeasured(f"{self.name} ended: {errors[-1] if errors else 'no reason given'}")
        return json.loads(answer)


def install(into: Path) -> Path:
    beside_us = ROOT / ".bootstrap" / "bin" / "uv"
    uv = str(beside_us) if beside_us.exists() else shutil.which("uv")
    if uv is None:
        raise NotMeasured("uv is not installed: run deploy/local/bootstrap")
    python = into / "bin" / "python"
    steps = (
        [uv, "venv", "--quiet", "--python", sys.executable, str(into)],
        [uv, "pip", "install", "--quiet", "--python", str(python), *REQUIREMENTS],
    )
    for step in steps:
        try:
            done = subprocess.run(
                step,
                env={**os.environ, "UV_SYSTEM_CERTS": "true"},
                capture_output=True,
                text=True,
                timeout=INSTALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise NotMeasured("the package registry did not answer in time") from late
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1].strip()
            raise NotMeasured(f"the peers could not be installed: {last}")
    return python
