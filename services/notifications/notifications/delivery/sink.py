"""Ask a mail server that can be asked, such as the one of the embedded stack, for a mail."""

import json
from urllib.parse import urlencode
from urllib.request import urlopen

TIMEOUT_SECONDS = 5


def holds(sink_url: str, message_id: str) -> bool:
    """Whether the mail has arrived there; raises OSError where the sink does not answer."""
    query = urlencode({"message_id": message_id})
    # The address comes from our own settings, which allow http and https only.
    with urlopen(f"{sink_url}/mailbox.json?{query}", timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
        return bool(json.load(answer))
