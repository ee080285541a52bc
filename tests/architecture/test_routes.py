"""Every door says who may come in."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from chassis.auth import Allow, public
from chassis.http import TransactionalRoute
from contracts.permissions import Permission
from stack.databases import SERVICES
from stack.signer import Signer

WITHOUT_DECLARATION = {"/openapi.json", "/metrics", "/healthz", "/readyz"}
"""Reached by the gateway and the operator, never through the gateway."""


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("process", ["main", "worker"])
def test_every_route_declares_who_may_call_it(
    services: dict[str, Any], signer: Signer, name: str, process: str
) -> None:
    undeclared: list[str] = []
    unknown: list[str] = []
    for route in iter_route_contexts(services[name].app(process, signer).routes):
        if not isinstance(route.original_route, APIRoute):
            assert route.path in WITHOUT_DECLARATION
            continue
        declared = [call for call in calls_of(route.dependant) if is_declaration(call)]
        if not declared:
            undeclared.append(f"{route.methods} {route.path}")
        for call in declared:
            if isinstance(call, Allow):
                unknown += set(call.permissions) - set(Permission)
    assert undeclared == []
    assert unknown == []


@pytest.mark.parametrize("name", SERVICES)
def test_what_members_do_is_one_transaction(
    services: dict[str, Any], signer: Signer, name: str
) -> None:
    """A public route may bring its own, as where hashing a password must not hold a connection."""
    assert [
        route.path
        for route in iter_route_contexts(services[name].app("main", signer).routes)
        if isinstance(route.original_route, APIRoute)
        and public not in calls_of(route.dependant)
        and not isinstance(route.original_route, TransactionalRoute)
    ] == []


def is_declaration(call: Any) -> bool:
    return call is public or isinstance(call, Allow)


def calls_of(dependant: Dependant) -> Iterator[Any]:
    for needed in dependant.dependencies:
        yield needed.call
        yield from calls_of(needed)
