import signal
from collections.abc import Callable

import pytest

from stack.processes import Process


@pytest.fixture
def crash() -> Callable[[Process], None]:
    def kill(process: Process) -> None:
        process.signal(signal.SIGKILL)
        while not process.has_ended():
            pass

    return kill
