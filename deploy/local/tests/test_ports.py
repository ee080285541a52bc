import socket
import subprocess
import sys

import pytest

from stack.ports import free_ports, is_free

ANOTHER = """
import random
from stack.ports import free_ports
wanted = {port}
random.sample = lambda candidates, count: [wanted, *range(31_000, 31_200)]
print(free_ports(1)[0])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Only there a port can be kept so.")
def test_a_port_that_one_process_has_chosen_is_chosen_by_no_other_and_free_for_its_server() -> None:
    [port] = free_ports(1)
    other = subprocess.run(
        [sys.executable, "-c", ANOTHER.format(port=port)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert int(other.stdout) != port
    assert is_free(port)
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)
