"""run starts everything; demo loads the demo studio into what runs; memory tells what it takes."""

import argparse
import os
import sys

from stack import memory
from stack.run import run
from stack.settings import settings_from


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m stack", description=__doc__)
    parser.add_argument("command", choices=["run", "demo", "memory"])
    command = parser.parse_args().command
    if command == "run":
        return run(os.environ)
    if command == "memory":
        return memory.main(settings_from(os.environ).home)
    # Imported here because it brings an HTTP client that a running stack imports in its own time.
    from stack import demo  # noqa: PLC0415

    return demo.main()


if __name__ == "__main__":
    sys.exit(main())
