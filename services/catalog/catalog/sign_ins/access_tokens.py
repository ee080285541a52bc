"""Access tokens: EdDSA, five minutes, signed by catalog alone."""

import json
from datetime import timedelta
from functools import cache
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import OKPKey

from catalog.settings import CatalogSettings
from chassis.auth import ALGORITHM, Principal, claims_of
from chassis.runtime import Runtime

LIVES = timedelta(minutes=5)


@cache
def key_at(path: Path) -> OKPKey:
    return OKPKey.import_key(json.loads(path.read_text()))


def sign(runtime: Runtime, principal: Principal) -> str:
    assert isinstance(runtime.settings, CatalogSettings)
    key = key_at(runtime.settings.signing_key)
    header = {"alg": ALGORITHM, "kid": key.kid}
    return jwt.encode(header, claims_of(principal), key, algorithms=[ALGORITHM])
