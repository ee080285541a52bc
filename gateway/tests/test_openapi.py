import re
from copy import deepcopy

import pytest

from gateway.openapi_merge import merge, references
from gateway.routes import ROUTES, RouteTable

TABLE = RouteTable(ROUTES)
PROBLEM = {"type": "object", "properties": {"type": {"type": "string"}}}


def document(paths, **schemas):
    return {"openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas}}


def operation(name, schema):
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"operationId": name, "responses": {"200": {"description": "", "content": content}}}


CATALOG = document(
    {
        "/api/services": {"get": operation("list_all", "Page")},
        "/api/public/booking/{slug}": {"get": operation("read_page", "Item")},
        "/healthz": {"get": operation("alive", "Item")},
        "/api/appointments": {"get": operation("stolen", "Item")},
    },
    Page={"properties": {"items": {"items": {"$ref": "#/components/schemas/Item"}}}},
    Item={"properties": {"name": {"type": "string"}}},
    Problem=PROBLEM,
)
SCHEDULING = document(
    {
        "/api/appointments": {"get": operation("list_all", "Page")},
        "/api/staff/{staff_id}/working-hours": {"get": operation("read_hours", "Problem")},
    },
    Page={"properties": {"items": {"items": {"$ref": "#/components/schemas/Item"}}}},
    Item={"properties": {"starts_at": {"type": "string"}}},
    Problem=PROBLEM,
)


@pytest.fixture
def merged():
    documents = {"catalog": deepcopy(CATALOG), "scheduling": deepcopy(SCHEDULING)}
    return merge(documents, TABLE, ["pilates"])


def check(found):
    """What OpenAPI 3.1 asks of a document's references and names."""
    assert found["openapi"].startswith("3.1.")
    assert set(references(found)) <= found["components"]["schemas"].keys()
    for kind in found["components"].values():
        assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in kind)
    operations = [one for item in found["paths"].values() for one in item.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names))
    for one in operations:
        for requirement in one["security"]:
            assert requirement.keys() <= found["components"]["securitySchemes"].keys()
    assert all(path.startswith("/") for path in found["paths"])


def test_the_merged_document_is_whole(merged):
    check(merged)


def test_a_path_is_taken_from_the_service_that_answers_it(merged):
    assert merged["paths"].keys() == {
        "/api/services",
        "/api/public/booking/{slug}",
        "/api/appointments",
        "/api/staff/{staff_id}/working-hours",
    }
    assert merged["paths"]["/api/appointments"]["get"]["x-service"] == "scheduling"


def test_names_with_two_meanings_say_whose_they_are(merged):
    assert merged["components"]["schemas"].keys() == {
        *("CatalogItem", "SchedulingItem", "CatalogPage", "SchedulingPage", "Problem")
    }
    page = merged["components"]["schemas"]["SchedulingPage"]
    assert page["properties"]["items"]["items"]["$ref"] == "#/components/schemas/SchedulingItem"
    assert merged["paths"]["/api/services"]["get"]["operationId"] == "catalog_list_all"


def test_each_operation_says_whether_it_needs_a_token(merged):
    assert merged["paths"]["/api/services"]["get"]["security"] == [{"access-token": []}]
    assert merged["paths"]["/api/public/booking/{slug}"]["get"]["security"] == []


def test_what_is_missing_is_named(merged):
    assert merged["x-unavailable"] == ["pilates"]


def test_the_documents_of_the_real_services_make_a_whole_one(documents):
    found = merge(deepcopy(documents), TABLE, [])
    check(found)
    assert found["paths"]["/api/services"]["post"]["security"] == [{"access-token": []}]
    assert found["paths"]["/api/auth/sign-in"]["post"]["security"] == []


async def test_the_document_is_served_with_the_gateways_own_routes(gateway, reply):
    gateway.recorder.handlers["/openapi.json"] = reply(200, {}, CATALOG)
    gateway.app.state.document.__init__()
    answer = await gateway.client.get("/api/openapi.json")
    found = answer.json()
    check(found)
    assert found["x-unavailable"] == []
    paths = found["paths"]
    assert paths["/api/calendar"]["get"]["security"] == [{"access-token": []}]
    live = paths["/api/calendar/live"]
    assert {name for one in live["get"]["security"] for name in one} == {"access-token", "ticket"}
    assert "text/event-stream" in live["get"]["responses"]["200"]["content"]
    assert paths["/feeds/{file}"]["get"]["security"] == []
    unchanged = await gateway.client.get(
        "/api/openapi.json", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert (unchanged.status_code, unchanged.content) == (304, b"")


async def test_a_service_that_is_down_is_left_out(serve, recorder, reply):
    recorder.handlers["/openapi.json"] = reply(200, {}, CATALOG)
    async with serve(upstream_pilates="http://127.0.0.1:1") as gateway:
        found = (await gateway.client.get("/api/openapi.json")).json()
        assert found["x-unavailable"] == ["pilates"]
        check(found)


async def test_the_documentation_page_loads_nothing_from_elsewhere(gateway):
    page = await gateway.client.get("/api/docs")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 4
    for path in loaded:
        assert path.startswith("/api/docs/")
        assert (await gateway.client.get(path)).status_code == 200
    assert "<script>" not in page.text
    assert gateway.recorder.seen == []


async def test_health_says_what_is_seen_from_here(serve, recorder, reply):
    recorder.handlers["/readyz"] = reply(200)
    async with serve(upstream_pilates="http://127.0.0.1:1") as gateway:
        assert (await gateway.client.get("/healthz")).json() == {"status": "ok"}
        ready = await gateway.client.get("/readyz")
        assert ready.status_code == 200
        upstreams = ready.json()["upstreams"]
        assert (upstreams["catalog"], upstreams["pilates"]) == ("ready", "no answer")
