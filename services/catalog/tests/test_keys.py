"""The keys of access tokens."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from catalog.keys import create


def test_keys_are_made_once_and_the_private_one_is_private(tmp_path: Path) -> None:
    signing, public = tmp_path / "keys" / "signing-key.json", tmp_path / "keys" / "jwks.json"
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: create(signing, public), range(8)))
    first = signing.read_text()
    create(signing, public)
    assert signing.read_text() == first
    assert stat.S_IMODE(signing.stat().st_mode) == 0o600
    [key] = json.loads(public.read_text())["keys"]
    assert "d" not in key
    assert key["kid"] == json.loads(first)["kid"]
    assert sorted(file.name for file in signing.parent.iterdir()) == [public.name, signing.name]


def test_a_new_signing_key_joins_the_public_keys_that_are_there(tmp_path: Path) -> None:
    signing, public = tmp_path / "signing-key.json", tmp_path / "jwks.json"
    create(signing, public)
    signing.unlink()
    create(signing, public)
    assert len(json.loads(public.read_text())["keys"]) == 2
