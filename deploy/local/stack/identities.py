"""As whom a server runs that refuses to run as root."""

import functools
import os
import signal
import subprocess
import sys
from pathlib import Path

from stack.programs import Identity

_LAUNCH = str(Path(__file__).with_name("launch.py"))


def launch_prefix(identity: Identity, death_signal: signal.Signals) -> tuple[str, ...]:
    terms = (str(os.getpid()), str(int(death_signal)), identity)
    return (sys.executable, "-I", "-S", _LAUNCH, *terms)


@functools.cache
def unprivileged_identity() -> Identity:
    """Containers often refuse user namespaces; nobody is what is left there."""
    if os.geteuid() != 0:
        return "same"
    command = (*launch_prefix("namespace", signal.SIGKILL), "/bin/true")
    attempt = subprocess.run(command, capture_output=True, check=False)
    return "namespace" if attempt.returncode == 0 else "nobody"
