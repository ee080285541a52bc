"""Who is calling: EdDSA access tokens, verified here and never taken from a header's word."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from fastapi import Request
from fastapi.security import HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, Field

from chassis.clock import Clock
from chassis.database import enter_business
from chassis.problems import Forbidden, Unauthenticated
from chassis.revocations import Revocations

ISSUER = "bookly"
AUDIENCE = "bookly-api"
ALGORITHM = "Ed25519"
"""RFC 9864's name for EdDSA on Ed25519."""
CACHED_TOKENS = 10_000


class Principal(BaseModel):
    """The member who calls, as the token says; the aliases are the names of its claims."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    account_id: UUID = Field(alias="sub")
    business_id: UUID
    member_id: UUID
    sign_in_id: UUID = Field(alias="sid")
    role: str
    permissions: frozenset[str]
    staff_id: UUID | None = None
    issued_at: float = Field(alias="iat")
    expires_at: float = Field(alias="exp")

    @property
    def actor(self) -> str:
        return f"member:{self.member_id}"

    def may(self, permission: str) -> bool:
        return self.role == "owner" or permission in self.permissions


class Verifier:
    """Verifies once per token, then remembers it until it expires or is revoked."""

    def __init__(self, keys: Path, clock: Clock, revocations: Revocations) -> None:
        self._keys = KeySet.import_key_set(json.loads(keys.read_text()))
        self._clock = clock
        self._revocations = revocations
        self._verified: dict[str, Principal] = {}

    def principal(self, authorization: str | None) -> Principal:
        """Raises Unauthenticated for anything but a live token of ours."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        principal = self._verified.get(token) or self._verify(token)
        if self._clock().timestamp() >= principal.expires_at:
            self._verified.pop(token, None)
            raise Unauthenticated("The access token has expired; refresh it.")
        if self._revocations.cover(principal.member_id, principal.sign_in_id, principal.issued_at):
            raise Unauthenticated("This access was revoked.")
        return principal

    def _verify(self, token: str) -> Principal:
        try:
            claims = jwt.decode(token, self._keys, algorithms=[ALGORITHM]).claims
            principal = Principal.model_validate(claims)
        except (JoseError, ValueError) as error:
            raise Unauthenticated("This access token is not ours.") from error
        if (claims.get("iss"), claims.get("aud")) != (ISSUER, AUDIENCE):
            raise Unauthenticated("Issued by or for somebody else.")
        if len(self._verified) >= CACHED_TOKENS:
            self._verified.clear()
        self._verified[token] = principal
        return principal


class Allow(HTTPBearer):
    """Declares who may call a route: a member with all these permissions (none: any member)."""

    def __init__(self, *permissions: str) -> None:
        super().__init__(auto_error=False, scheme_name="access-token", bearerFormat="JWT")
        self.permissions = permissions

    async def __call__(self, request: Request) -> Principal:  # type: ignore[override]
        verifier: Verifier = request.app.state.verifier
        principal = verifier.principal(request.headers.get("Authorization"))
        missing = [name for name in self.permissions if not principal.may(name)]
        if missing:
            raise Forbidden("You need a permission that you do not have.", missing=missing)
        await enter_business(request.state.session, principal.business_id)
        structlog.contextvars.bind_contextvars(business_id=str(principal.business_id))
        return principal


async def public() -> None:
    """Declares that anyone may call a route."""


def claims_of(principal: Principal) -> dict[str, Any]:
    """What catalog signs and `Verifier` reads back."""
    return principal.model_dump(mode="json", by_alias=True) | {"iss": ISSUER, "aud": AUDIENCE}
