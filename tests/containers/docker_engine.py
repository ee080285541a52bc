"""The Docker engine of this machine, if there is one that has, or gets, the images we need."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPOSE_FILE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "deploy" / "docker" / "Dockerfile"

NOT_OURS = re.compile(r"^ *(?:image: |FROM )(?!bookly/)(\S+:\S+)", re.MULTILINE)


def ask(*command: str, timeout_seconds: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=timeout_seconds
    )


def need(*images: str) -> None:
    """Skips the test, with the reason, where they cannot be run."""
    for missing in (why_no_engine(), *map(why_no_image, images)):
        if missing:
            pytest.skip(missing)


@cache
def why_no_engine() -> str | None:
    if shutil.which("docker") is None:
        return "Docker is not installed"
    asked = ask("docker", "version", "--format", "{{.Server.Version}}")
    return f"No Docker engine answers: {asked.stderr.strip()}" if asked.returncode else None


@cache
def why_no_image(name: str) -> str | None:
    if why_no_engine() or ask("docker", "image", "inspect", name).returncode == 0:
        return why_no_engine()
    pulled = ask("docker", "pull", "--quiet", name, timeout_seconds=600)
    return f"{name} cannot be pulled: {pulled.stderr.strip()}" if pulled.returncode else None


def images_not_ours() -> list[str]:
    """What the compose file runs and what our images are built from."""
    return NOT_OURS.findall(COMPOSE_FILE.read_text() + DOCKERFILE.read_text())


def image_of(server: str) -> str:
    """The image of one server, the same in tests as in the compose file."""
    (image,) = (name for name in images_not_ours() if re.search(rf"(^|/){server}:", name))
    return image


def compose() -> tuple[str, ...]:
    """Docker's plugin, or the program that it replaced."""
    if ask("docker", "compose", "version").returncode == 0:
        return ("docker", "compose")
    if shutil.which("docker-compose"):
        return ("docker-compose",)
    pytest.skip("Docker has no compose")
