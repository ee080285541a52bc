"""What arrived by mail, as `/dev/mailbox.json` tells it."""

from dataclasses import dataclass
from typing import Any

import httpx2
from icalendar import Calendar

Mail = dict[str, Any]


@dataclass(frozen=True)
class Mailbox:
    gateway: httpx2.AsyncClient

    async def __call__(self, to: str | None = None) -> list[Mail]:
        """Oldest first; of everybody unless `to` names an address."""
        answer = await self.gateway.get("/dev/mailbox.json", params={"to": to} if to else {})
        assert answer.status_code == 200, answer.text
        return list(reversed(answer.json()))

    async def empty(self) -> None:
        answer = await self.gateway.delete("/dev/mailbox.json")
        assert answer.status_code == 204, answer.text


def invitation_of(mail: Mail) -> Calendar:
    """The calendar part, which a mail program acts upon."""
    texts = [part["text"] for part in mail["attachments"] if is_calendar(part) and part["text"]]
    assert texts, f"no text/calendar in {mail['subject']!r}"
    return Calendar.from_ical(texts[0])


def is_calendar(part: dict[str, Any]) -> bool:
    return str(part["content_type"]).startswith("text/calendar")
