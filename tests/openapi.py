"""Reads an OpenAPI document, so that a new route is tested on the day it is written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

LONG_ENOUGH = 12
METHODS = {"get", "put", "post", "patch", "delete"}

STRINGS = {
    "uuid": "7d3b2b1e-0c61-4f0c-9d4b-3a3f5f0c9a11",
    "email": "somebody@example.com",
    "date-time": "2027-03-01T09:00:00Z",
    "date": "2027-03-01",
    "time": "09:00",
}


RANGE = {"from": "2027-03-01", "to": "2027-03-02"}


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    told: dict[str, Any]
    document: dict[str, Any]

    UNFILLED: ClassVar = "some-id"

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def is_public(self) -> bool:
        return not self.told.get("security")

    @property
    def ids(self) -> list[str]:
        """Names of the path's parameters that are ids."""
        return [
            one["name"]
            for one in self.told.get("parameters", [])
            if one["in"] == "path" and one["schema"].get("format") == "uuid"
        ]

    def filled(self, **values: str) -> str:
        """Ids that are not given are `UNFILLED`; what is no id gets a fitting example."""
        inside = [one for one in self.told.get("parameters", []) if one["in"] == "path"]
        fitting = {
            one["name"]: STRINGS.get(one["schema"].get("format", ""), "some-page") for one in inside
        }
        return self.path.format(**(fitting | dict.fromkeys(self.ids, self.UNFILLED) | values))

    def query(self) -> dict[str, Any]:
        """What must be asked, as parameters of a request."""
        asked = [one for one in self.told.get("parameters", []) if one["in"] == "query"]
        return {
            one["name"]: RANGE.get(one["name"]) or example(one["schema"], self.document)
            for one in asked
            if one.get("required")
        }

    def body(self) -> dict[str, Any]:
        """The smallest valid body, as arguments of a request."""
        content = self.told.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return {}
        return {"json": example(content["application/json"]["schema"], self.document)}


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            yield Operation(method, path, item[method], document)


def example(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """Required members only, each as small as it may be."""
    schema = resolved(schema, document)
    if "const" in schema or "enum" in schema:
        return schema.get("const") or schema["enum"][0]
    if schema.get("type") == "object":
        members = schema.get("properties", {})
        return {name: example(members[name], document) for name in schema.get("required", [])}
    if schema.get("type") == "array":
        return [example(schema["items"], document)] * schema.get("minItems", 0)
    return SMALLEST[schema["type"]](schema)


SMALLEST: dict[str, Callable[[dict[str, Any]], Any]] = {
    "string": lambda schema: STRINGS.get(schema.get("format", ""), "a" * LONG_ENOUGH),
    "integer": lambda schema: int(schema.get("minimum", 1)),
    "number": lambda schema: schema.get("minimum", 1),
    "boolean": lambda _: False,
    "null": lambda _: None,
}


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema or "anyOf" in schema:
        if "anyOf" in schema:
            schema = schema["anyOf"][0]
        else:
            name = schema["$ref"].rpartition("/")[2]
            schema = document["components"]["schemas"][name]
    return schema
