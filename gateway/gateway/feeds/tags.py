"""An entity tag that carries each part's version, so that any gateway can ask what has changed."""

import base64
import json

from gateway.conditional import tags_in
from gateway.feeds.document import FORMAT

LONGEST = 1000


def tag_for(versions: list[str]) -> str:
    text = json.dumps([FORMAT, *versions], separators=(",", ":"))
    return f'"{base64.urlsafe_b64encode(text.encode()).decode()}"'


def versions_in(if_none_match: str | None, parts: int) -> list[str] | None:
    """Of the first tag that is one of ours to the letter.

    One that somebody on the way has changed is never equal to the one we answer with. If it were
    taken, owners would leave out their texts and the answer would be 200 with an empty calendar.
    """
    for tag in tags_in(if_none_match):
        try:
            read = json.loads(base64.urlsafe_b64decode(tag[1:-1][:LONGEST]))
        except (ValueError, RecursionError):
            continue
        if isinstance(read, list) and len(read) == parts + 1 and read[0] == FORMAT:
            versions = [version for version in read[1:] if isinstance(version, str)]
            if len(versions) == parts and tag == tag_for(versions):
                return versions
    return None
