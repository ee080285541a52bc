"""Paths are read into segments, and written again from them: nothing else reaches a service."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from chassis.problems import NotFound
from contracts.text import reject_control_characters
from gateway.problems import MalformedRequest

MAX_PATH_BYTES = 2048
MAX_QUERY_BYTES = 8192

SAFE = "~:@+,="
PLAIN_PATH = re.compile(rb"(?:/[\w~:@+,=-][\w.~:@+,=-]*)+", re.ASCII)
SEGMENT = re.compile(rb"(?:[\w~:@+,=-]|(?<!\A)\.|%[0-9A-Fa-f]{2})+", re.ASCII)
FORBIDDEN_ESCAPES = re.compile(rb"%(?:2e|2f|5c|25|3b|3f|23|[01][0-9a-f]|7f)", re.IGNORECASE)
"""Of `. / \\ % ; ? #` and control characters: what some reader would decode into another path."""
QUERY = re.compile(rb"(?:[!-$&-~]|%(?!00)[0-9A-Fa-f]{2})*")


@dataclass(frozen=True)
class Target:
    segments: tuple[str, ...]
    path: str
    """Starts with a slash; written from the segments, in one canonical spelling."""
    query: str

    @property
    def path_and_query(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


def parse_target(raw_path: bytes, raw_query: bytes) -> Target:
    if len(raw_path) > MAX_PATH_BYTES or len(raw_query) > MAX_QUERY_BYTES:
        raise MalformedRequest("The address is too long.")
    if not QUERY.fullmatch(raw_query):
        raise MalformedRequest("The query has characters that must be encoded.")
    query = raw_query.decode("ascii")
    if PLAIN_PATH.fullmatch(raw_path):
        path = raw_path.decode("ascii")
        return Target(tuple(path[1:].split("/")), path, query)
    if raw_path == b"/" or (raw_path[:1] == b"/" and PLAIN_PATH.fullmatch(raw_path[:-1])):
        raise NotFound
    segments = tuple(map(decode, raw_path.removeprefix(b"/").split(b"/")))
    return Target(segments, "".join("/" + quote(part, safe=SAFE) for part in segments), query)


def decode(segment: bytes) -> str:
    if not SEGMENT.fullmatch(segment) or FORBIDDEN_ESCAPES.search(segment):
        raise MalformedRequest("The path has characters that no path of ours has.")
    try:
        return reject_control_characters(unquote_to_bytes(segment).decode())
    except ValueError as error:
        raise MalformedRequest("The path has characters that no path of ours has.") from error
