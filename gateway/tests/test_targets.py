import pytest

HOSTILE = [
    b"/api/../internal",
    b"/api/services/..",
    b"/api/./services",
    b"/api/%2e%2e/internal",
    b"/api/%2E%2e/internal",
    b"/api/.%2e/internal",
    b"/api/services%2f..%2finternal",
    b"/api/services%5c..%5cinternal",
    b"/api/services\\..\\internal",
    b"/api/%252e%252e/internal",
    b"/api/%25252e/internal",
    b"/api/services/%00",
    b"/api/services/%0d%0aX-Injected:%201",
    b"/api/services/%7f",
    b"//api/services",
    b"/api//services",
    b"/api/services//",
    b"/api/..;/internal",
    b"/api/services/;x=1",
    b"/api/services/%3b",
    b"/api/services/%3F/x",
    b"/api/services/%c0%ae%c0%ae",
    b"/api/services/%ff",
    b"/api/services/%",
    b"/api/services/%zz",
    b"/api/services/%u002e",
    b"/api/services/%E2%80%A8",
    b"/api/services/" + b"x" * 2100,
    b"/api/services/\x01",
    b"/api/services/\xc3\xa4",
    b"/api/services?q=\x00",
    b"/api/services?q=%00",
    b"/api/services?q=\x7f",
    b"/api/services?q=" + b"x" * 9000,
    b"*",
    b"http://elsewhere/api/../internal",
]


@pytest.mark.parametrize("target", HOSTILE)
async def test_a_hostile_path_is_refused_and_nothing_arrives(gateway, signer, business, target):
    token = signer.bearer(business)["Authorization"].encode()
    answer = await gateway.raw(
        b"GET " + target + b" HTTP/1.1\r\nHost: bookly\r\nAuthorization: " + token + b"\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert gateway.recorder.seen == []


async def test_a_path_is_passed_on_in_one_canonical_spelling(gateway, signer, business):
    bearer = signer.bearer(business)
    answer = await gateway.client.get("/api/services/caf%c3%a9%20%61?q=%2e%2e/x", headers=bearer)
    assert answer.status_code == 200
    assert gateway.recorder.last.path == "/api/services/caf%C3%A9%20a"
    assert gateway.recorder.last.query == "q=%2e%2e/x"


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/internal", "/openapi.json", "/api", "/api/", "/api/services/", "/api/unknown/x"),
        *("/dev/mailbox", "/api/public/booking", "/api/public/booking/Not_a_slug", "/apiservices"),
    ],
)
async def test_what_the_table_does_not_name_does_not_exist(gateway, path):
    answer = await gateway.client.get(path)
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"
    assert gateway.recorder.seen == []


async def test_an_unknown_method_is_refused(gateway):
    answer = await gateway.client.request("TRACE", "/api/services")
    assert answer.status_code == 405
    assert gateway.recorder.seen == []
