"""What the person who types `make run` may decide."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from stack import rabbitmq

_CHECKOUT = Path(__file__).resolve().parents[3]


class BadSetting(Exception):
    pass


@dataclass(frozen=True)
class Settings:
    home: Path
    port: int
    demo: bool
    broker: Literal["rabbitmq", "pgmq"]
    fork: bool
    """Import once and fork: quicker and smaller, but known to be safe on Linux only."""
    environment: Mapping[str, str]
    """Handed on to every process of ours: locale, telemetry, test handles."""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"


def settings_from(environment: Mapping[str, str]) -> Settings:
    home = Path(environment.get("BOOKLY_HOME") or _CHECKOUT / ".bookly").expanduser().resolve()
    handed_on = dict(environment)
    if clock := environment.get("BOOKLY_CLOCK"):
        # Every process runs in the home folder, so a path must not depend on where we are now.
        handed_on["BOOKLY_CLOCK"] = str(Path(clock).resolve())
    return Settings(
        home=home,
        port=_port(environment.get("PORT") or "8000"),
        demo=environment.get("DEMO", "1") not in ("0", "", "no", "false"),
        broker=_broker(environment.get("BROKER", "")),
        fork=sys.platform == "linux" and environment.get("FORK") != "0",
        environment=handed_on,
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65_536):
        raise BadSetting(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _broker(text: str) -> Literal["rabbitmq", "pgmq"]:
    if text == "pgmq" or (text == "" and not rabbitmq.is_installed()):
        return "pgmq"
    if text not in ("", "rabbitmq"):
        raise BadSetting(f"BROKER must be rabbitmq or pgmq, not {text!r}.")
    if not rabbitmq.is_installed():
        raise BadSetting("BROKER=rabbitmq needs it installed: apt-get install rabbitmq-server")
    return "rabbitmq"
