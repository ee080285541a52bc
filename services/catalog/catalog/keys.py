"""`python -m catalog.keys <signing-key.json> <jwks.json>`: the keys of access tokens, if absent."""

import json
import os
import sys
from pathlib import Path
from uuid import uuid4

from joserfc.jwk import KeySet, OKPKey

from chassis.auth import ALGORITHM


def create(signing: Path, public: Path) -> None:
    """Whoever comes first makes the key, others keep it; neither file is ever half written.

    Public keys that are there already stay: they may have signed tokens that still live.
    """
    if not signing.exists():
        new = OKPKey.generate_key(
            "Ed25519", {"use": "sig", "alg": ALGORITHM}, private=True, auto_kid=True
        )
        keep_first(signing, new.as_dict(private=True))
    key = OKPKey.import_key(json.loads(signing.read_text()))
    known = KeySet.import_key_set(json.loads(public.read_text())).keys if public.exists() else []
    if key.kid not in [other.kid for other in known]:
        os.replace(draft(public, KeySet([*known, key]).as_dict(private=False), 0o644), public)


def keep_first(path: Path, content: object) -> None:
    """Unlike a rename, a link never replaces what another process has put there meanwhile."""
    private = draft(path, content, 0o600)
    try:
        os.link(private, path)
    except FileExistsError:
        return
    finally:
        private.unlink()


def draft(path: Path, content: object, mode: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    place = path.with_name(f".{path.name}.{uuid4().hex}")
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    return place


if __name__ == "__main__":
    create(Path(sys.argv[1]), Path(sys.argv[2]))
