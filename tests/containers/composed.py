"""The whole system in containers, under a name and on ports of its own."""

import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import httpx2

from stack.mail_store import Entry, described
from stack.ports import free_ports
from tests.containers.docker_engine import COMPOSE_FILE, ROOT, ask, compose, images_not_ours, need
from tests.mailbox import Mail


@dataclass(frozen=True)
class Composed:
    command: tuple[str, ...]
    environment: dict[str, str]

    @property
    def url(self) -> str:
        """Of Traefik."""
        return self.environment["PUBLIC_URL"]

    @property
    def mailpit(self) -> "Mailpit":
        return Mailpit(f"http://127.0.0.1:{self.environment['MAILPIT_PORT']}")

    def run(self, *words: str) -> str:
        ran = subprocess.run(
            [*self.command, *words],
            env=os.environ | self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"compose {words[0]}: {ran.stdout[-3000:]}{ran.stderr[-3000:]}"
        return ran.stdout

    def containers(self) -> dict[str, dict[str, Any]]:
        """What Docker says of each, by the name of its service; of those that have ended too."""
        ids = self.run("ps", "--all", "--quiet").split()
        asked = json.loads(ask("docker", "inspect", *ids).stdout)
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in asked}


@contextmanager
def composed() -> Iterator[Composed]:
    """Built, started and ready; afterwards nothing of it is left but the images."""
    need(*images_not_ours())
    command = compose()
    port, mailpit_port = free_ports(2)
    name = f"bookly-test-{secrets.token_hex(4)}"
    environment = {
        "COMPOSE_PROJECT_NAME": name,
        # The way it has been for years, except to docker-compose.
        "DOCKER_BUILDKIT": "1",
        "COMPOSE_DOCKER_CLI_BUILD": "1",
        "PORT": str(port),
        "PUBLIC_URL": f"http://localhost:{port}",
        "MAILPIT_PORT": str(mailpit_port),
        # Beside the network of a Bookly that runs here already.
        "EDGE_SUBNET": f"172.31.{secrets.randbelow(250)}.0/24",
    }
    settings = ("--env-file", str(ROOT / ".env.example"), "-f", str(COMPOSE_FILE))
    system = Composed((*command, *settings), environment)
    try:
        system.run("build")
        system.run("up", "-d")
        wait_for(system.url)
        yield system
    except AssertionError:
        print(system.run("logs", "--tail", "20"))  # noqa: T201  pytest shows it with the failure.
        raise
    finally:
        system.run("down", "--volumes", "--timeout", "5")


def wait_for(url: str, within_seconds: float = 60) -> None:
    """Traefik is the last to start, and nobody waits for it but us."""
    deadline = time.monotonic() + within_seconds
    while True:
        with suppress(httpx2.TransportError):
            if httpx2.get(f"{url}/readyz").is_success:
                return
        assert time.monotonic() < deadline, f"{url} does not answer"
        time.sleep(0.1)


@dataclass(frozen=True)
class Mailpit:
    url: str

    async def __call__(self, to: str) -> list[Mail]:
        """Oldest first, in the shape of the local mailbox."""
        async with httpx2.AsyncClient(base_url=self.url) as client:
            listed = (await client.get("/api/v1/messages", params={"limit": 500})).json()
            return [
                await self._read(client, found["ID"], to)
                for found in reversed(listed["messages"])
                if to in [one["Address"] for one in found["To"]]
            ]

    @staticmethod
    async def _read(client: httpx2.AsyncClient, mail_id: str, to: str) -> Mail:
        answer = await client.get(f"/api/v1/message/{mail_id}/raw")
        if answer.headers["content-type"].startswith("application/json"):
            return without_contents(answer.json())
        mail = message_from_bytes(answer.content, EmailMessage, policy=policy.default)
        return described(Entry(f"0-{mail_id}", str(mail["Message-ID"]), (to,)), mail)


def without_contents(told: dict[str, Any]) -> Mail:
    """From a catcher of mail that answers only with what mailpit says of it."""
    return {
        "subject": told["Subject"],
        "text": told["Text"],
        "html": told["HTML"],
        "attachments": [
            {"filename": part["FileName"], "content_type": part["ContentType"]}
            for part in told["Attachments"]
        ],
    }
