import asyncio
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Allow, Principal, public
from chassis.database import enter_business, in_transaction
from chassis.http import Now, Process, Router, Session, Settling
from chassis.outbox import publish_on_commit
from chassis.pages import Page, PageRequest, read_page
from chassis.problems import NotFound, TryAgain
from contracts.text import Line
from notebook.models import Note
from notebook.problems import NoteRefused

router = Router()

Member = Annotated[Principal, Depends(Allow())]
Writer = Annotated[Principal, Depends(Allow("notes.write", "notes.sign"))]


class NoteWrite(BaseModel, extra="forbid"):
    title: Line


class NoteView(NoteWrite):
    model_config = ConfigDict(from_attributes=True, extra="ignore")

    id: UUID


async def write(session: AsyncSession, caller: Principal, wanted: NoteWrite, now: datetime) -> Note:
    note = Note(business_id=caller.business_id, title=wanted.title, written_at=now)
    session.add(note)
    await session.flush()
    publish_on_commit(session, note.written())
    if wanted.title.startswith("refuse"):
        raise NoteRefused
    return note


@router.post("/notes", status_code=201, response_model=NoteView)
async def write_note(
    caller: Writer, session: Session, now: Now, wanted: NoteWrite, response: Response
) -> Note:
    note = await write(session, caller, wanted, now)
    response.headers["Location"] = f"/notes/{note.id}"
    return note


class Ending(BaseModel, extra="forbid"):
    title: Line
    status: int | None
    """None: it is not known yet. Refused, the note is torn up."""
    after_seconds: float = 0
    fails: bool = False


@router.post("/slow-notes", status_code=202, response_model=NoteView)
async def write_slowly(
    caller: Writer, session: Session, process: Process, now: Now, settle: Settling, wanted: Ending
) -> Note:
    note = await write(session, caller, NoteWrite(title=wanted.title), now)
    settle(partial(end, process, (caller.business_id, note.id), wanted))
    return note


async def end(process: Process, key: tuple[UUID, UUID], wanted: Ending) -> Response | None:
    await asyncio.sleep(wanted.after_seconds)
    if wanted.fails:
        raise TryAgain
    if wanted.status is None:
        return None
    kept = wanted.status < 400
    await in_transaction(process.sessions, partial(retitle, key, "settled" if kept else None))
    return JSONResponse({"id": str(key[1])}, wanted.status)


async def retitle(key: tuple[UUID, UUID], title: str | None, session: AsyncSession) -> None:
    await enter_business(session, key[0])
    note = await session.get_one(Note, key)
    if title is None:
        await session.delete(note)
    else:
        note.title = title


@router.get("/notes", response_model=Page[NoteView])
async def list_notes(
    _caller: Member, session: Session, wanted: Annotated[PageRequest, Query()]
) -> dict[str, object]:
    items, next_cursor = await read_page(session, select(Note), (Note.title, Note.id), wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.get("/notes/{note_id}", response_model=NoteView)
async def read_note(caller: Member, session: Session, note_id: UUID) -> Note:
    note = await session.get(Note, (caller.business_id, note_id))
    if note is None:
        raise NotFound
    return note


@router.get("/everybodys-notes", dependencies=[Depends(public)])
async def count_notes_without_entering_a_business(session: Session) -> int:
    return len((await session.scalars(select(Note))).all())


@router.get("/now", dependencies=[Depends(public)])
async def tell_time(now: Now) -> datetime:
    return now
