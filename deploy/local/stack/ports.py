"""Free TCP ports on the loopback address."""

import random
import socket

# Below the range that outgoing connections of this machine take theirs from (32768 on Linux),
# so that a port chosen now is still free when its server gets round to binding it.
_CANDIDATES = range(20_000, 32_000)


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
        if is_free(port):
            chosen.append(port)
    raise RuntimeError("No free ports between 20000 and 32000.")
