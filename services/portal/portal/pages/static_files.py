"""What the pages load from us: few small files, kept in memory as they are."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
}


@dataclass(frozen=True)
class StaticFile:
    content: bytes
    media_type: str
    tag: str

    @classmethod
    def read(cls, file: Path) -> "StaticFile":
        content = file.read_bytes()
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        return cls(content, TYPES[file.suffix], tag)


FILES = {file.name: StaticFile.read(file) for file in FOLDER.iterdir() if file.suffix in TYPES}
