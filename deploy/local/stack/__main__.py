"""`python -m stack run` starts everything; `python -m stack demo` loads the demo studio."""

import argparse
import os
import sys

from stack.run import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m stack", description=__doc__)
    parser.add_argument("command", choices=["run", "demo"])
    if parser.parse_args().command == "run":
        return run(os.environ)
    # Imported here because it brings an HTTP client that a running stack imports in its own time.
    from stack import demo  # noqa: PLC0415

    return demo.main()


if __name__ == "__main__":
    sys.exit(main())
