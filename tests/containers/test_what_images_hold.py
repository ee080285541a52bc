"""That what the workspace has is in the images too, which is known without Docker."""

import tomllib

from tests.containers.docker_engine import DOCKERFILE, ROOT

IN_NO_IMAGE = {"deploy/local"}
BY_NAME_OF_THE_SERVICE = {"services/*", "gateway"}


def test_every_member_of_the_workspace_is_sent_to_the_builder_and_every_library_copied() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())
    members = set(told["tool"]["uv"]["workspace"]["members"]) - IN_NO_IMAGE
    sent = (ROOT / ".dockerignore").read_text().splitlines()
    copied = DOCKERFILE.read_text().splitlines()
    assert {one for one in members if f"!{one.partition('/')[0]}" not in sent} == set()
    libraries = members - BY_NAME_OF_THE_SERVICE
    assert {one for one in libraries if f"COPY {one} {one}" not in copied} == set()
