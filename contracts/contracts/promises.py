"""What was promised once: the schema of each event, kept so that it can only grow.

`python -m contracts.promises <folder>` writes them, one file a subject, and refuses to break one.
"""

import importlib
import json
import pkgutil
import sys
from pathlib import Path
from typing import Any, TypeVar

import contracts
from contracts.event import Event
from contracts.request import Request

Schema = dict[str, Any]
Message = TypeVar("Message", Event, Request)

WORDS = {"title", "description", "$defs", "required"}
"""Keys of a schema that say nothing about the shape, or are looked at by themselves."""


def published_events() -> list[type[Event]]:
    return _with_subject(Event)


def answered_requests() -> list[type[Request]]:
    return _with_subject(Request)


def _with_subject(root: type[Message]) -> list[type[Message]]:
    """Every one of ours with a subject, by subject; tests make up some of their own."""
    for module in pkgutil.iter_modules(contracts.__path__):
        importlib.import_module(f"contracts.{module.name}")
    return sorted(
        (
            message
            for message in _descendants(root)
            if "subject" in vars(message) and message.__module__.startswith("contracts.")
        ),
        key=lambda message: message.subject,
    )


def _descendants(root: type[Message]) -> set[type[Message]]:
    children = set(root.__subclasses__())
    return children.union(*map(_descendants, children))


def schema_of(event: type[Event]) -> Schema:
    return event.model_json_schema()


def breaks(old: Schema, new: Schema) -> list[str]:
    """Why a listener or a kept event of the old schema would fail under the new one."""
    return _breaks(old, new, (old, new), "")


def _breaks(old: Schema, new: Schema, roots: tuple[Schema, Schema], place: str) -> list[str]:
    old, new = _resolved(old, roots[0]), _resolved(new, roots[1])
    found = []
    for name, was in old.get("properties", {}).items():
        here = f"{place}.{name}".lstrip(".")
        if name not in new.get("properties", {}):
            found.append(f"{here} is gone")
        else:
            found += _breaks(was, new["properties"][name], roots, here)
    for name in sorted(set(new.get("required", [])) - set(old.get("required", []))):
        found.append(f"{f'{place}.{name}'.lstrip('.')} is newly required")
    for key in sorted((old.keys() | new.keys()) - WORDS - {"properties"}):
        found += _differences(old.get(key), new.get(key), roots, f"{place} {key}")
    return found


def _differences(old: Any, new: Any, roots: tuple[Schema, Schema], place: str) -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        return _breaks(old, new, roots, place)
    choices = isinstance(old, list) and isinstance(new, list) and len(old) == len(new)
    if choices and all(isinstance(choice, dict) for choice in old + new):
        pairs = zip(old, new, strict=True)
        return [why for was, is_ in pairs for why in _breaks(was, is_, roots, place)]
    return [] if old == new else [f"{place} was {old!r} and is {new!r}".strip()]


def _resolved(schema: Schema, root: Schema) -> Schema:
    while reference := schema.get("$ref"):
        named: Schema = root["$defs"][reference.rpartition("/")[2]]
        schema = named | {key: value for key, value in schema.items() if key != "$ref"}
    return schema


def publish(folder: Path) -> list[str]:
    """Write what is new or has grown; whatever would break a promise is left and reported."""
    broken = []
    for event in published_events():
        file, schema = folder / f"{event.subject}.json", schema_of(event)
        why = breaks(json.loads(file.read_text()), schema) if file.exists() else []
        if why:
            broken.append(f"{event.subject}: {'; '.join(why)}")
        else:
            file.write_text(json.dumps(schema, indent=1, sort_keys=True) + "\n")
    return broken


if __name__ == "__main__":
    if broken := publish(Path(sys.argv[1])):
        sys.exit("\n".join(["Not written; publish them as v2 instead:", *broken]))
