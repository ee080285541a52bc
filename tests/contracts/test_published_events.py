"""An event that left once is a promise: it may gain optional fields, all else is a new version."""

import json
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic import create_model

from contracts.event import Event, Snapshot
from contracts.promises import breaks, publish, published_events, schema_of

PUBLISHED = Path(__file__).parent / "published"
SUBJECTS = {event.subject: event for event in published_events()}
COMMAND = "python -m contracts.promises tests/contracts/published"


@pytest.mark.parametrize("subject", sorted(SUBJECTS))
def test_an_event_keeps_its_promise(subject: str) -> None:
    file = PUBLISHED / f"{subject}.json"
    assert file.exists(), f"Promise it: {COMMAND}"
    promised, actual = json.loads(file.read_text()), schema_of(SUBJECTS[subject])
    assert breaks(promised, actual) == [], (
        f"Listeners and kept events rely on this: undo it, or publish {subject[:-1]}N beside it. "
        f"If no version of Bookly ever sent it, delete {file.name} and run: {COMMAND}"
    )
    assert promised == actual, f"It has grown, which is fine; keep the new promise: {COMMAND}"


def test_no_promised_event_is_gone() -> None:
    gone = {file.stem for file in PUBLISHED.glob("*.json")} - SUBJECTS.keys()
    assert not gone, "Listeners still wait for these; if nobody ever did, delete their files"


IRREGULAR_PARTICIPLES = {"kept", "left", "paid", "sold"}


@pytest.mark.parametrize("subject", sorted(SUBJECTS))
def test_a_subject_names_service_noun_fact_and_version(subject: str) -> None:
    service, noun, fact, version = subject.split(".")
    assert service in {"catalog", "scheduling", "pilates", "portal", "notifications"}
    assert noun.islower()
    assert fact.endswith("ed") or fact in IRREGULAR_PARTICIPLES
    assert version[0] == "v"
    assert version[1:].isdigit()


class Thing(Snapshot):
    id: UUID
    kind: Literal["a", "b"]
    note: str | None = None


class ThingChanged(Event):
    thing: Thing
    others: list[Thing]


def changed(**fields: Any) -> type[Event]:
    """ThingChanged as it would be after an edit of Thing's fields."""
    known = {name: (field.annotation, field) for name, field in Thing.model_fields.items()}
    known |= fields
    kept: dict[str, Any] = {name: field for name, field in known.items() if field is not None}
    edited = create_model("Thing", __base__=Snapshot, **kept)
    return create_model(
        "ThingChanged", __base__=Event, thing=(edited, ...), others=(list[edited], ...)
    )


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        ({"more": (int, 0)}, None),
        ({"more": (int | None, None)}, None),
        ({"note": None}, "note is gone"),
        ({"more": (int, ...)}, "more is newly required"),
        ({"id": (str, ...)}, "thing.id"),
        ({"id": (UUID | None, ...)}, "thing.id"),
        ({"kind": (Literal["a", "b", "c"], ...)}, "thing.kind"),
        ({"note": (str | None, "?")}, "thing.note"),
    ],
)
def test_only_growth_is_allowed(edit: dict[str, Any], why: str | None) -> None:
    found = breaks(schema_of(ThingChanged), schema_of(changed(**edit)))
    if why is None:
        assert found == []
    else:
        assert any(why in reason for reason in found), found


def test_publishing_adds_what_has_grown_and_refuses_what_breaks(tmp_path: Path) -> None:
    assert publish(tmp_path) == []
    subject = "catalog.customer.changed.v1"
    file = tmp_path / f"{subject}.json"
    promised = json.loads(file.read_text())
    promised["properties"]["left"] = {"type": "string"}
    file.write_text(json.dumps(promised))
    assert publish(tmp_path) == [f"{subject}: left is gone"]
    assert json.loads(file.read_text()) == promised
