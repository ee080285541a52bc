"""A process of ours, born with everything imported."""

import atexit
import contextlib
import ctypes
import gc
import importlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterable
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn, cast

from stack.programs import Program

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8


def import_once(modules: Iterable[str]) -> bool:
    """What is imported here is shared by every process forked later (copy on write).

    A module that cannot be imported is left to the process that needs it: its log will say why.
    False means that an import has started a thread, which makes forking unsafe.
    """
    gc.disable()
    for module in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(module)
    gc.collect()
    gc.freeze()
    gc.enable()
    return threading.active_count() == 1


def fork_module(program: Program, log: Path) -> int:
    parent = os.getpid()
    # What waits in these buffers would otherwise be written by both.
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _live(program, log, parent)
    return pid


def _live(program: Program, log: Path, parent: int) -> NoReturn:
    code = 1
    try:
        _detach(program, log, parent)
        importlib.import_module(program.module).main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
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


def _give_way(niceness: int) -> None:
    os.nice(niceness)
    # Where Linux shares out the machine by sessions, it is the session's that counts.
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(niceness))


def _detach(program: Program, log: Path, parent: int) -> None:
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if not program.on_terminal:
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
    _give_way(program.gives_way)
    # The parent's lock among them, which must be free again as soon as the parent is gone.
    os.closerange(3, 256)
    for stream in (sys.stdout, sys.stderr):
        cast("TextIOWrapper", stream).reconfigure(line_buffering=True)
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_NAME, program.name.encode()[:15], 0, 0, 0)
    libc.prctl(_PR_SET_PDEATHSIG, int(program.death_signal), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    if hasattr(libc, "mallopt"):
        # Give back what a password hash took (19 MiB at a time), and share arenas among threads.
        libc.mallopt(_M_MMAP_THRESHOLD, 1024 * 1024)
        libc.mallopt(_M_ARENA_MAX, 2)
    os.environ.clear()
    os.environ.update(program.environment)
    sys.argv = [program.module, *program.arguments]
