from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

import pytest
from fastapi import FastAPI

from chassis.settings import ServiceSettings
from stack.databases import SERVICES
from stack.signer import Signer

UNUSED: dict[str, Any] = {
    "database_url": "postgresql://nobody@127.0.0.1:1/nothing",
    "broker_url": "pgmq://nobody@127.0.0.1:1/nothing",
    "link_secret": "of-tests-only-and-32-characters-long",
}
"""Required settings that creating an app does not touch."""


@dataclass(frozen=True)
class Service:
    name: str
    modules: dict[str, ModuleType]

    @property
    def folder(self) -> Path:
        file = import_module(self.name).__file__
        assert file is not None
        return Path(file).parent

    def app(self, process: str, signer: Signer) -> FastAPI:
        """The app of `main` or `worker`, created and never started."""
        settings = self.settings_type(
            **UNUSED, public_keys=signer.public_keys, signing_key=signer.signing_key
        )
        app: FastAPI = self.modules[f"{self.name}.{process}"].create(settings)
        return app

    @property
    def settings_type(self) -> type[ServiceSettings]:
        module = self.modules[f"{self.name}.settings"]
        [type_] = [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, ServiceSettings)
            and value is not ServiceSettings
        ]
        return type_

    @property
    def base(self) -> Any:
        return self.modules[f"{self.name}.base"].Base

    def table(self, module: str, name: str) -> Any:
        """SUBSCRIPTIONS or REQUESTS; a service that answers no requests may have no such table."""
        return getattr(self.modules.get(f"{self.name}.{module}"), name, {})


def modules_of(name: str) -> Iterator[tuple[str, ModuleType]]:
    for found in walk_packages(import_module(name).__path__, f"{name}."):
        yield found.name, import_module(found.name)


@pytest.fixture(scope="session")
def services() -> dict[str, Service]:
    """Every service with all its modules imported, so that every table and event is known."""
    return {name: Service(name, dict(modules_of(name))) for name in SERVICES}
