"""Writes docs/events.md: `python docs/events.py > docs/events.md`."""

import ast
import inspect
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from contracts.event import Event, Snapshot, publisher
from contracts.promises import answered_requests, published_events
from contracts.request import Reply, Request

SERVICES = ("catalog", "scheduling", "pilates", "portal", "notifications")
ENVELOPES = {Event, Snapshot, Request, Reply, BaseModel, object}

HEAD = """# Events and requests

Written by `python docs/events.py > docs/events.md` from `contracts/` and each service's
`subscriptions.py` and `requests.py`; a test fails while it is out of date.

An event is a fact. It carries the whole fact, so a listener never asks back, and it comes at least
once, in any order: handlers apply it once, copies ignore versions they have passed. On the wire its
subject ends with the business's id. Beside the fields below every event has `event_id`,
`occurred_at` and `business_id`. Within one version fields are only ever added, and readers ignore
those they do not know; anything else is a new version beside the old one.

A request is a question or a claim with one reply. Doing it twice has one effect, because whoever
asks repeats it until a reply comes. Beside its fields each has the `business_id`.
"""


def page() -> str:
    return "\n".join([HEAD, *sections()])


def sections() -> Iterator[str]:
    listeners = heard_by()
    for service in SERVICES:
        events = [event for event in published_events() if publisher(event) == service]
        requests = [request for request in answered_requests() if answerer(request) == service]
        if not events and not requests:
            continue
        yield f"## {service}\n"
        for event in events:
            yield from described(event, f"`{event.subject}`")
            yield f"Published by {service}. {heard(listeners[event])}\n"
        for request in requests:
            yield from described(request, f"`{request.subject}`")
            yield f"Answered by {service} with `{request.reply.__name__}`.\n"
        for shape in shapes_in([*events, *requests, *(request.reply for request in requests)]):
            yield from described(shape, shape.__name__, level=4)


def heard(handlers: list[str]) -> str:
    if not handlers:
        return "No service subscribes yet."
    return f"Heard by {', '.join(f'`{handler}`' for handler in handlers)}."


def heard_by() -> dict[type[Event], list[str]]:
    listeners: dict[type[Event], list[str]] = defaultdict(list)
    for service in SERVICES:
        for event, handlers in table(service, "subscriptions", "SUBSCRIPTIONS").items():
            for handler in handlers:
                listeners[event].append(f"{service}: {handler.__name__}")
    return listeners


def table(service: str, module: str, name: str) -> dict[type[Any], Any]:
    if find_spec(f"{service}.{module}") is None:
        return {}
    found: dict[type[Any], Any] = getattr(import_module(f"{service}.{module}"), name)
    return found


def answerer(request: type[Request]) -> str:
    return request.subject.split(".")[1]


def described(model: type[BaseModel], title: str, level: int = 3) -> Iterator[str]:
    is_message = issubclass(model, Event | Request)
    yield f"{'#' * level} {title}\n"
    meaning = " ".join(inspect.cleandoc(vars(model).get("__doc__") or "").split())
    name = f"`{model.__name__}`" if is_message else ""
    if text := ": ".join(filter(None, (name, meaning))):
        yield f"{text}\n"
    rows = [f"| `{name}` | {cell(type_)} | {says} |" for name, type_, says in fields_of(model)]
    if rows:
        yield "\n".join(["| field | type | |", "|---|---|---|", *rows, ""])


def cell(type_: str) -> str:
    return f"`{type_}`".replace("|", "\\|")


def fields_of(model: type[BaseModel]) -> Iterator[tuple[str, str, str]]:
    """Name, type and meaning, those of its bases first, as they stand in the source."""
    for class_ in reversed(model.__mro__):
        if class_ in ENVELOPES or not issubclass(class_, BaseModel):
            continue
        body = definition_of(class_).body
        for part, next_part in zip(body, [*body[1:], None], strict=True):
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                type_ = ast.unparse(part.annotation)
                if not type_.startswith("ClassVar"):
                    yield part.target.id, type_.replace("'", '"'), docstring(next_part)


def definition_of(class_: type) -> ast.ClassDef:
    tree = ast.parse(Path(inspect.getfile(class_)).read_text())
    return next(
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == class_.__name__
    )


def docstring(part: ast.stmt | None) -> str:
    if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)):
        return ""
    return " ".join(str(part.value.value).split())


def shapes_in(models: Iterable[type[BaseModel]]) -> list[type[BaseModel]]:
    """What their fields are made of, and what those are made of, each once."""
    found: dict[type[BaseModel], None] = {}
    waiting = [(model, False) for model in models]
    while waiting:
        model, is_shape = waiting.pop(0)
        if model in found:
            continue
        if is_shape or issubclass(model, Reply):
            found[model] = None
        for name, field in model.model_fields.items():
            if name not in Event.model_fields:
                waiting += [(part, True) for part in models_in(field.annotation)]
    return [shape for shape in found if not issubclass(shape, Event)]


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from models_in(part)


if __name__ == "__main__":
    sys.stdout.write(page())
