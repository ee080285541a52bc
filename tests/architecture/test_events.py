"""Nobody waits for what nobody says, and nobody speaks for another."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from contracts.event import Event, publisher
from contracts.promises import answered_requests, published_events


def test_an_event_is_published_by_the_service_it_is_named_after(services: dict[str, Any]) -> None:
    assert [
        event
        for event in published_events()
        if event.__name__ not in names_used(services[publisher(event)].folder)
    ] == []


def test_no_service_publishes_another_ones_event(services: dict[str, Any]) -> None:
    assert [
        f"{service.name} makes {event.subject}"
        for service in services.values()
        for event in published_events()
        if publisher(event) != service.name and event.__name__ in names_called(service.folder)
    ] == []


def test_every_subscription_is_to_a_published_event(services: dict[str, Any]) -> None:
    published = set(published_events())
    assert [
        f"{service.name}: {event.__name__}"
        for service in services.values()
        for event in service.table("subscriptions", "SUBSCRIPTIONS")
        if event not in published
    ] == []


def test_a_service_does_not_listen_to_itself(services: dict[str, Any]) -> None:
    assert [
        event.subject
        for service in services.values()
        for event in service.table("subscriptions", "SUBSCRIPTIONS")
        if publisher(event) == service.name
    ] == []


def test_each_reaction_has_its_own_durable_consumer(services: dict[str, Any]) -> None:
    """Its name is made of the service, the event and the handler."""
    names = Counter(
        f"{service.name}-{event.__name__}-{handler.__name__}"
        for service in services.values()
        for event, handlers in service.table("subscriptions", "SUBSCRIPTIONS").items()
        for handler in handlers
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_a_request_is_answered_by_the_service_it_is_named_after(services: dict[str, Any]) -> None:
    asked = {request: request.subject.split(".")[1] for request in answered_requests()}
    answered = {
        request: service.name
        for service in services.values()
        for request in service.table("requests", "REQUESTS")
    }
    assert answered == asked


@cache
def names_called(folder: Path) -> set[str]:
    """What is called as a function or class anywhere in the folder, by its own name."""
    calls = (node for tree in trees(folder) for node in ast.walk(tree))
    return {name_of(node.func) for node in calls if isinstance(node, ast.Call)}


@cache
def names_used(folder: Path) -> set[str]:
    """What is called or chosen by a value; mentioned in an annotation only does not count."""
    used = set()
    for tree in trees(folder):
        annotations = {id(part) for node in ast.walk(tree) for part in annotation_of(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute) and id(node) not in annotations:
                used.add(name_of(node))
    return used


def annotation_of(node: ast.AST) -> Iterator[ast.AST]:
    for field in ("annotation", "returns"):
        if isinstance(part := getattr(node, field, None), ast.AST):
            yield from ast.walk(part)


def name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def trees(folder: Path) -> Iterator[ast.Module]:
    for file in folder.rglob("*.py"):
        if file.name != "subscriptions.py":
            yield ast.parse(file.read_text())


def test_events_have_names_of_their_own() -> None:
    names = Counter(event.__name__ for event in published_events())
    assert [name for name, times in names.items() if times > 1] == []
    assert all(issubclass(event, Event) for event in published_events())
