"""Access tokens for tests of single services."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from chassis.auth import ALGORITHM, Principal, claims_of


class Signer:
    """Signs access tokens as catalog would, with a key of this test run."""

    def __init__(self, folder: Path) -> None:
        self._key = OKPKey.generate_key("Ed25519", {"alg": ALGORITHM}, private=True, auto_kid=True)
        self.signing_key = folder / "signing-key.json"
        self.signing_key.write_text(json.dumps(self._key.as_dict(private=True)))
        self.public_keys = folder / "jwks.json"
        self.public_keys.write_text(json.dumps(KeySet([self._key]).as_dict(private=False)))

    def bearer(
        self,
        business_id: UUID,
        *permissions: str,
        role: str = "owner",
        staff_id: UUID | None = None,
        **changed: str | float,
    ) -> dict[str, str]:
        """An Authorization header; an owner's unless `role` says otherwise."""
        now = datetime.now(UTC).timestamp()
        ids = ("account_id", "member_id", "sign_in_id")
        known: dict[str, Any] = {name: uuid4() for name in ids}
        known |= {"business_id": business_id, "issued_at": now, "expires_at": now + 300}
        rights = {"role": role, "permissions": permissions, "staff_id": staff_id}
        principal = Principal.model_validate(known | rights)
        header = {"alg": ALGORITHM, "kid": self._key.kid}
        claims = claims_of(principal) | changed
        token = jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])
        return {"Authorization": f"Bearer {token}"}
