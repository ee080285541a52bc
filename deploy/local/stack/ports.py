"""Free TCP ports on the loopback address."""

import random
import socket
import sys

# Below the range that outgoing connections of this machine take theirs from (32768 on Linux),
# so that a port chosen now is still free when its server gets round to binding it.
_CANDIDATES = range(20_000, 32_000)

_RESERVED: list[socket.socket] = []


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_ports(count: int) -> list[int]:
    chosen: list[int] = []
    for port in random.sample(_CANDIDATES, len(_CANDIDATES)):
        if len(chosen) == count:
            return chosen
        if _reserve(port):
            chosen.append(port)
    raise RuntimeError("No free ports between 20000 and 32000.")


def _reserve(port: int) -> bool:
    """As long as this process lives nobody else chooses it, such as another stack that starts.

    On Linux a port that is bound, and not listened on, is taken for who comes without SO_REUSEADDR
    and free for who comes with it, as servers do.
    """
    if sys.platform != "linux":
        return is_free(port)
    mark = socket.socket()
    try:
        mark.bind(("127.0.0.1", port))
    except OSError:
        mark.close()
        return False
    mark.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _RESERVED.append(mark)
    return True
