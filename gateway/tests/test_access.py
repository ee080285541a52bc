from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from chassis.revocations import revoke
from chassis.testing import eventually
from gateway.routes import MAILBOX, OWN, ROUTES
from stack.signer import Signer

PRIVATE = [route.prefix.replace("{id}", "1") for route in ROUTES if not route.public]
PUBLIC = [
    route.prefix.replace("{slug}", "core")
    for route in ROUTES
    if route.public and route.service != OWN
]


@pytest.mark.parametrize("path", PRIVATE)
async def test_nothing_private_is_passed_on_without_a_token(gateway, path):
    answer = await gateway.client.get(path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["type"] == "/problems/unauthenticated"
    assert gateway.recorder.seen == []


@pytest.mark.parametrize("path", PUBLIC)
async def test_what_is_public_needs_none(gateway, path):
    answer = await gateway.client.post(path, json={})
    assert answer.json() == {"arrived": path}


async def test_a_token_of_another_key_an_expired_one_and_nonsense_stay_outside(
    gateway, signer, business, tmp_path
):
    for headers in (
        Signer(tmp_path).bearer(business),
        signer.bearer(business, exp=1.0),
        signer.bearer(business, aud="elsewhere"),
        {"Authorization": "Bearer x.y.z"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer"},
    ):
        answer = await gateway.client.get("/api/services", headers=headers)
        assert answer.status_code == 401
    assert gateway.recorder.seen == []


async def test_the_token_itself_goes_to_the_service_which_checks_it_again(
    gateway, signer, business
):
    bearer = signer.bearer(business)
    await gateway.client.get("/api/services", headers=bearer)
    assert gateway.recorder.last.all("authorization") == [bearer["Authorization"]]


async def test_a_revoked_member_is_out_within_five_seconds(gateway, signer, business):
    member_id = uuid4()
    bearer = signer.bearer(business, member_id=str(member_id))
    assert (await gateway.client.get("/api/services", headers=bearer)).status_code == 200
    await eventually(lambda: connected(gateway))
    await revoke(gateway.app.state.runtime, member_id, datetime.now(UTC) + timedelta(seconds=1))

    async def out():
        return (await gateway.client.get("/api/services", headers=bearer)).status_code == 401

    await eventually(out, within_seconds=5)


async def connected(gateway):
    return gateway.app.state.runtime.nats.is_connected


async def test_the_mailbox_is_there_in_the_embedded_stack_only(serve, recorder, upstream_port):
    url = f"http://127.0.0.1:{upstream_port}"
    async with serve(mailbox_url=url, embedded=True) as gateway:
        for path in ("/dev/mailbox", "/dev/mailbox.json", "/dev/mailbox/1"):
            assert (await gateway.client.get(path)).json() == {"arrived": path}
    assert MAILBOX not in ROUTES
    with pytest.raises(ValueError, match="embedded stack only"):
        async with serve(mailbox_url=url):
            pass


async def test_metrics_are_for_whoever_collects_them_and_not_for_proxied_visitors(gateway, serve):
    await gateway.client.get("/api/public/booking/core")
    found = await gateway.client.get("/metrics")
    assert 'gateway_answers_total{service="catalog",status="200"}' in found.text
    forwarded = {"X-Forwarded-For": "127.0.0.1"}
    assert (await gateway.client.get("/metrics", headers=forwarded)).status_code == 404
    async with serve(metrics_from="10.0.0.0/8") as elsewhere:
        assert (await elsewhere.client.get("/metrics")).status_code == 404
