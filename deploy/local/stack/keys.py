"""The keys of access tokens, made by the service that signs with them."""

import sys
from pathlib import Path

from catalog.keys import create


def main() -> None:
    create(Path(sys.argv[1]), Path(sys.argv[2]))


if __name__ == "__main__":
    main()
