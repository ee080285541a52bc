"""Nobody gets in but a member with a live token of ours, and no further than it says."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import nats
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from notebook.desk import Desk

from chassis.revocations import revoke
from chassis.runtime import running
from chassis.testing import eventually
from stack.signer import Signer


def tampered(signer: Signer, header: dict[str, Any], **claims: Any) -> dict[str, str]:
    """A token of ours with another header and more claims, and its signature left as it was."""
    _, body, signature = signer.bearer(uuid4())["Authorization"].split(" ")[1].split(".")
    known = json.loads(base64.urlsafe_b64decode(body + "=="))
    parts = [encoded(header), encoded(known | claims), signature]
    return {"Authorization": f"Bearer {'.'.join(parts)}"}


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def signed_with_our_public_key(signer: Signer) -> dict[str, str]:
    """HS256 with a public key for its secret: what a verifier falls for that trusts `alg`."""
    [key] = json.loads(signer.public_keys.read_text())["keys"]
    token = signer.bearer(uuid4())["Authorization"].split(" ")[1]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    secret = OctKey.import_key(key["x"])
    header = {"alg": "HS256", "kid": key["kid"]}
    return {"Authorization": f"Bearer {jwt.encode(header, claims, secret, algorithms=['HS256'])}"}


async def test_what_is_no_live_token_of_ours_is_answered_401(
    api: httpx2.AsyncClient, signer: Signer, tmp_path: Path
) -> None:
    business_id = uuid4()
    fine = signer.bearer(business_id)
    [key] = json.loads(signer.public_keys.read_text())["keys"]
    other_key = Signer(tmp_path).bearer(business_id)
    refused: dict[str, dict[str, str]] = {
        "missing": {},
        "empty": {"Authorization": ""},
        "no scheme": {"Authorization": fine["Authorization"].split(" ")[1]},
        "basic": {"Authorization": "Basic eDp5"},
        "rubbish": {"Authorization": "Bearer a.b.c"},
        "another key": other_key,
        "another issuer": signer.bearer(business_id, iss="somebody"),
        "another audience": signer.bearer(business_id, aud="bookly-portal"),
        "expired": signer.bearer(business_id, exp=datetime.now(UTC).timestamp() - 1),
        "without a member": signer.bearer(business_id, member_id="x"),
        "alg none": tampered(signer, {"alg": "none"}),
        "more rights": tampered(signer, {"alg": "Ed25519", "kid": key["kid"]}, role="owner", n=1),
        "HS256": signed_with_our_public_key(signer),
        "unknown kid": tampered(signer, {"alg": "Ed25519", "kid": "another"}),
    }
    for name, headers in refused.items():
        answer = await api.get("/notes", headers=headers)
        assert (answer.status_code, answer.headers.get("WWW-Authenticate")) == (401, "Bearer"), name
        assert answer.json()["type"] == "/problems/unauthenticated"
    assert (await api.get("/notes", headers=fine)).status_code == 200


async def test_an_identity_in_a_header_is_not_believed(api: httpx2.AsyncClient) -> None:
    claimed = {"X-Account-Id": str(uuid4()), "X-Business-Id": str(uuid4()), "X-Role": "owner"}
    assert (await api.get("/notes", headers=claimed)).status_code == 401


async def test_whoever_lacks_a_permission_is_told_which(
    api: httpx2.AsyncClient, signer: Signer
) -> None:
    answers = [
        await api.post("/notes", json={"title": "a"}, headers=headers)
        for headers in (
            signer.bearer(uuid4(), role="staff"),
            signer.bearer(uuid4(), "notes.write", role="staff"),
            signer.bearer(uuid4(), "notes.write", "notes.sign", role="staff"),
            signer.bearer(uuid4(), role="owner"),
        )
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 201, 201]
    assert answers[0].json()["missing"] == ["notes.write", "notes.sign"]
    assert answers[1].json()["missing"] == ["notes.sign"]


@pytest.mark.parametrize("claim", ["member_id", "sid"])
async def test_revoked_access_ends_within_five_seconds_and_a_new_sign_in_works(
    shared: Desk, api: httpx2.AsyncClient, signer: Signer, claim: str
) -> None:
    revoked_id = uuid4()
    same: dict[str, Any] = {claim: str(revoked_id)}
    before = signer.bearer(uuid4(), **same)
    bystander = signer.bearer(uuid4())
    assert (await api.get("/notes", headers=before)).status_code == 200
    async with running(shared.settings(), []) as runtime:
        await runtime.has_met_nats.wait()
        await revoke(runtime, revoked_id, datetime.now(UTC))

    async def is_out() -> bool:
        return (await api.get("/notes", headers=before)).status_code == 401

    await eventually(is_out, within_seconds=5)
    later = (datetime.now(UTC) + timedelta(seconds=1)).timestamp()
    after = signer.bearer(uuid4(), **same, iat=later)
    assert (await api.get("/notes", headers=after)).status_code == 200
    assert (await api.get("/notes", headers=bystander)).status_code == 200


async def test_revocations_are_heard_after_nats_was_away(lonely: Desk, signer: Signer) -> None:
    member_id = uuid4()
    headers = signer.bearer(uuid4(), member_id=str(member_id))
    async with lonely.api() as client, running(lonely.settings(), []) as runtime:
        await runtime.has_met_nats.wait()
        lonely.stop_nats()
        assert (await client.get("/notes", headers=headers)).status_code == 200
        lonely.start_nats()

        async def is_revoked() -> bool:
            with suppress(nats.errors.Error, TimeoutError):  # It may not be back yet.
                await revoke(runtime, member_id, datetime.now(UTC))
            return (await client.get("/notes", headers=headers)).status_code == 401

        await eventually(is_revoked, within_seconds=20)
