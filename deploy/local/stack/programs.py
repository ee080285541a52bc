"""What can be started: a command of another maker, or a module of ours."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Identity = Literal["same", "namespace", "nobody"]


def always() -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Program:
    name: str
    command: tuple[str, ...] = ()
    """An absolute path and its arguments; or empty when `module` is run."""
    module: str = ""
    """A module of ours with a blocking `main()`."""
    arguments: tuple[str, ...] = ()
    """For the module, as if from the command line."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Everything the process sees of an environment; nothing is inherited."""
    identity: Identity = "same"
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    """Sent by the kernel (on Linux) when the parent is gone."""
    grace_seconds: float = 10
    gives_way: int = 0
    """To the others where the machine is busy, as nice(2) counts it; for what nobody waits for."""
    is_ready: Callable[[], bool] = always
    on_terminal: bool = False
    """Speaks to the person who started everything instead of writing a log."""
