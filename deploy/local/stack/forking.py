"""A process of ours, born with everything imported."""

import atexit
import ctypes
import gc
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from stack.programs import Program

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15


def import_once(modules: Iterable[str]) -> None:
    """What is imported here is shared by every process forked later (copy on write).

    A module that cannot be imported is left to the process that needs it: its log will say why.
    """
    gc.disable()
    for module in modules:
        try:
            importlib.import_module(module)
        except Exception:  # noqa: BLE001
            continue
    gc.collect()
    gc.freeze()
    gc.enable()


def fork_module(program: Program, log: Path) -> int:
    parent = os.getpid()
    # What waits in these buffers would otherwise be written by both.
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    _live(program, log, parent)


def _live(program: Program, log: Path, parent: int) -> NoReturn:
    code = 1
    try:
        _detach(program, log, parent)
        importlib.import_module(program.module).main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        try:
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            # Never back into the parent's frames below.
            os._exit(code)


def _detach(program: Program, log: Path, parent: int) -> None:
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.closerange(3, 256)
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_NAME, program.name.encode()[:15], 0, 0, 0)
    libc.prctl(_PR_SET_PDEATHSIG, int(program.death_signal), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    os.environ.clear()
    os.environ.update(program.environment)
    sys.argv = [program.name]
