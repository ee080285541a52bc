from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.database import NAMES, Conventions, OfBusiness
from contracts.event import Event


class NoteWritten(Event):
    subject: ClassVar[str] = "notebook.note.written.v1"

    note_id: UUID
    title: str


class Base(Conventions, DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


class Note(OfBusiness, Base):
    __tablename__ = "notes"
    __table_args__ = (UniqueConstraint("business_id", "title", name="one_note_a_title"),)

    title: Mapped[str]
    written_at: Mapped[datetime]

    def written(self) -> NoteWritten:
        return NoteWritten(
            business_id=self.business_id,
            occurred_at=self.written_at,
            note_id=self.id,
            title=self.title,
        )


class Tally(Base):
    """What a listener made of the notes it heard of: adding one twice would show."""

    __tablename__ = "tallies"

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    listener: Mapped[str] = mapped_column(primary_key=True)
    notes: Mapped[int]
