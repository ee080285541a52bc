"""Several OpenAPI 3.1 documents become one. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from chassis.problems import NotFound
from gateway.routes import Route, RouteTable

Document = dict[str, Any]

SCHEMAS = "#/components/schemas/"
ACCESS_TOKEN = "access-token"  # noqa: S105  It is the scheme's name.
ANY_SEGMENT = "0"


def merge(documents: Mapping[str, Document], table: RouteTable, unavailable: list[str]) -> Document:
    renamed = ambiguous_schemas(documents)
    merged: Document = {
        "openapi": "3.1.0",
        "info": {"title": "Bookly", "version": "1"},
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}},
        "x-unavailable": unavailable,
    }
    for service, document in documents.items():
        names = {name: f"{service.capitalize()}{name}" for name in renamed}
        paths, components = document.get("paths", {}), document.get("components", {})
        for path, item in paths.items():
            route = route_of(path, table)
            if route and route.service == service:
                merged["paths"][path] = with_access(with_refs(item, names), route, service)
        for name, schema in components.get("schemas", {}).items():
            merged["components"]["schemas"][names.get(name, name)] = with_refs(schema, names)
        merged["components"]["securitySchemes"] |= components.get("securitySchemes", {})
    merged["components"]["securitySchemes"].setdefault(
        ACCESS_TOKEN, {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    )
    tell_apart(merged["paths"])
    return merged


def route_of(path: str, table: RouteTable) -> Route | None:
    segments = (ANY_SEGMENT if part[:1] == "{" else part for part in path[1:].split("/"))
    try:
        return table.find(tuple(segments))
    except NotFound:
        return None


def ambiguous_schemas(documents: Mapping[str, Document]) -> set[str]:
    """Names that mean different things to two services, or refer to such a name."""
    meanings: dict[str, list[Any]] = {}
    for document in documents.values():
        for name, schema in document.get("components", {}).get("schemas", {}).items():
            meanings.setdefault(name, []).append(schema)
    shared = {name: found for name, found in meanings.items() if len(found) > 1}
    ambiguous = {name for name, found in shared.items() if any(one != found[0] for one in found)}
    while True:
        infected = {
            name
            for name, found in shared.items()
            if name not in ambiguous and ambiguous.intersection(references(found))
        }
        if not infected:
            return ambiguous
        ambiguous |= infected


def references(node: Any) -> Iterator[str]:
    if isinstance(node, str) and node.startswith(SCHEMAS):
        yield node.removeprefix(SCHEMAS)
    elif isinstance(node, dict):
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def with_refs(node: Any, names: Mapping[str, str]) -> Any:
    """A copy whose references, also those of discriminators, follow the new names."""
    if isinstance(node, str) and node.startswith(SCHEMAS):
        name = node.removeprefix(SCHEMAS)
        return SCHEMAS + names.get(name, name)
    if isinstance(node, dict):
        return {key: with_refs(value, names) for key, value in node.items()}
    if isinstance(node, list):
        return [with_refs(value, names) for value in node]
    return node


def operations(item: Document) -> Iterator[Document]:
    return (found for found in item.values() if isinstance(found, dict) and "responses" in found)


def with_access(item: Document, route: Route, service: str) -> Document:
    """Each operation says whether it needs a token; the gateway's table decides."""
    for operation in operations(item):
        operation.setdefault("tags", [service])
        operation["x-service"] = service
        if not route.public:
            operation.setdefault("security", [{ACCESS_TOKEN: []}])
        else:
            operation.setdefault("security", [])
    return item


def tell_apart(paths: Document) -> None:
    """`operationId` is unique in a document."""
    found = [operation for item in paths.values() for operation in operations(item)]
    times = Counter(operation.get("operationId") for operation in found)
    for operation in found:
        if times[operation.get("operationId")] > 1:
            operation["operationId"] = f"{operation['x-service']}_{operation['operationId']}"
