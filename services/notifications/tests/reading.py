"""Read what is queued as a member does, body and all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
import psycopg

from chassis.testing import eventually
from notifications.testing import Studio, messages_of, words
from stack.signer import Signer

Told = dict[str, Any]


@dataclass(frozen=True)
class Reader:
    api: httpx2.AsyncClient
    studio: Studio
    signer: Signer
    database_url: str

    @property
    def owner(self) -> dict[str, str]:
        return self.signer.bearer(self.studio.business_id)

    async def all(self, **wanted: str) -> list[Told]:
        """Oldest first."""
        found = await messages_of(self.api, self.owner, **wanted)
        return list(reversed(found))

    async def told(self, count: int = 1, **wanted: str) -> list[Told]:
        """So many and no more, when they are there, with their bodies."""

        async def as_many() -> list[Told]:
            found = await self.all(**wanted)
            return found if len(found) >= count else []

        found = await eventually(as_many)
        assert len(found) == count, [message["kind"] for message in found]
        return [await self.read(message["id"]) for message in found]

    async def read(self, id_: str) -> Told:
        answer = await self.api.get(f"/api/messages/{id_}", headers=self.owner)
        assert answer.status_code == 200, answer.text
        detail: Told = answer.json()
        return detail

    async def knows(self, table: str, id_: UUID) -> None:
        await heard_of(self.database_url, self.studio.business_id, table, id_)

    async def settings(self, **changed: Any) -> httpx2.Response:
        read = await self.api.get("/api/messages/settings", headers=self.owner)
        wanted = {name: value for name, value in read.json().items() if name != "version"}
        return await self.api.put(
            "/api/messages/settings",
            json=wanted | changed,
            headers=self.owner | {"If-Match": read.headers["ETag"]},
        )


async def heard_of(database_url: str, business_id: UUID, table: str, id_: UUID) -> None:
    """Waits for the row: each table is filled by a listener of its own, none of them in step."""

    async def is_there() -> bool:
        with psycopg.connect(database_url) as connection:
            whose = (str(business_id),)
            connection.execute("SELECT set_config('app.business_id', %s, true)", whose)
            column = "business_id" if table in ("businesses", "mail_settings") else "id"
            query = f"SELECT FROM {table} WHERE {column} = %s"
            return connection.execute(query.encode(), (id_,)).fetchone() is not None

    await eventually(is_there)


def says(message: Told, *sentences: str) -> bool:
    text, html = words(message["body"]["text"]), words(message["body"]["html"])
    missing = [s for s in sentences if s not in text or s not in html]
    assert not missing, (missing, message["body"]["text"])
    return True


Read = Callable[..., Reader]
