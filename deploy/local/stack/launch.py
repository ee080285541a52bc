"""Runs a command that dies with the process that asked for it, and not as root where it must not.

    python -I -S launch.py PARENT_PID DEATH_SIGNAL IDENTITY COMMAND [ARGUMENT ...]

It is a script of its own, without site-packages (about 25 ms), because the two system calls must
be made between fork and exec, and running Python there is unsafe in a parent with threads.
The kernel goes by the thread that asked: start nothing from one that ends early.
"""

import ctypes
import os
import pwd
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_NOBODY = 65534


def _enter_user_namespace(libc: ctypes.CDLL) -> None:
    """Nobody inside, still root outside: files and a home with mode 0700 stay as they are."""
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "this machine refuses user namespaces")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_NOBODY} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{_NOBODY} {group} 1")


def _become_nobody() -> None:
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


def main(parent: int, death_signal: int, identity: str, command: list[str]) -> None:
    os.setsid()
    libc = ctypes.CDLL(None, use_errno=True)
    if identity == "namespace":
        _enter_user_namespace(libc)
    elif identity == "nobody":
        _become_nobody()
    # After the change of identity, which would clear it.
    if sys.platform == "linux":
        libc.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    # Python ignores it, and what is ignored stays so over exec.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if os.getppid() != parent:
        sys.exit("The process that asked for this command is gone.")
    os.execv(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
