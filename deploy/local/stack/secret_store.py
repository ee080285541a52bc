"""Passwords and tokens, made up when first asked for and kept where only their owner reads."""

import json
import os
import secrets
from pathlib import Path


class Secrets:
    """Without a path they live as long as the process, which is what tests want."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._values: dict[str, str] = {}
        if path is not None and path.exists():
            self._values = json.loads(path.read_text())

    def __getitem__(self, name: str) -> str:
        if name not in self._values:
            self._values[name] = secrets.token_urlsafe(24)
            self._save()
        return self._values[name]

    def _save(self) -> None:
        if self._path is None:
            return
        draft = self._path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(self._values, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
