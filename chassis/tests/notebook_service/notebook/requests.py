from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.requests import Requests
from contracts.request import Reply, Request
from notebook.models import Note
from notebook.problems import NoteRefused


class NotesKept(Reply):
    notes: int


class KeepNote(Request):
    subject: ClassVar[str] = "ask.notebook.keep-note"
    reply: ClassVar[type[Reply]] = NotesKept

    note_id: UUID
    title: str


async def keep_note(session: AsyncSession, request: KeepNote) -> NotesKept:
    if request.title.startswith("refuse"):
        raise NoteRefused("We have enough of these.", enough=3)
    if request.title.startswith("break"):
        raise ValueError(f"The note of {request.title} breaks the rules")
    note = {"business_id": request.business_id, "id": request.note_id, "title": request.title}
    await session.execute(
        insert(Note).values(**note, written_at=func.now()).on_conflict_do_nothing()
    )
    return NotesKept(notes=await session.scalar(select(func.count()).select_from(Note)) or 0)


REQUESTS: Requests = {KeepNote: keep_note}
