"""Dead letters, said once more all together: each as it is said once more by itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from chassis import audit
from chassis.auth import Principal
from chassis.pages import cursor, position
from chassis.problems import Problem
from notifications.mails.kinds import Kind
from notifications.messages.commands import check_wanted, repeated
from notifications.messages.models import NO_RECEIPT, Message
from notifications.messages.problems import MessageOvertaken, MessageSaidAgain
from notifications.messages.schemas import Resend, Resent, Skipped

AT_ONCE = 1000
MOST_COUNTED = 100_000

Other = aliased(Message)
SAME_READER = and_(
    Other.business_id == Message.business_id,
    Other.about == Message.about,
    Other.recipient == Message.recipient,
)
SAME_WORDS = and_(
    SAME_READER,
    *(
        getattr(Other, name) == getattr(Message, name)
        for name in ("kind", "version", "receipt_number", "part")
    ),
)


class Standing(NamedTuple):
    """How a dead letter stands to what else its reader was told."""

    last_copy: int
    is_overtaken: bool

    def check_still(self, said: Message) -> None:
        """Raises the reason why it is not to be said once more."""
        if self.is_overtaken:
            raise MessageOvertaken
        if self.last_copy > said.copy:
            raise MessageSaidAgain


async def send_all_again(
    session: AsyncSession, caller: Principal, wanted: Resend, now: datetime
) -> Resent:
    """The oldest first, and so many at once; the rest is asked for by the cursor.

    What has been said again since is not among them, so asked twice, it is done once.
    """
    asked = dead_letters(caller.business_id, wanted)
    locked = asked.order_by(Message.id).limit(AT_ONCE).with_for_update(key_share=True)
    letters = (await session.scalars(locked)).all()
    standing = await standing_of(session, caller.business_id, letters)
    skipped: list[Skipped] = []
    copies: list[tuple[Message, Message]] = []
    for said in letters:
        try:
            said.check_repeatable(now)
            await check_wanted(session, said)
            standing[said.id].check_still(said)
        except Problem as problem:
            reason = problem.uri.rpartition("/")[2]
            skipped.append(Skipped(id=said.id, kind=Kind(said.kind), reason=reason))
        else:
            copies.append((said, repeated(said, standing[said.id].last_copy + 1, now)))
    session.add_all(again for _, again in copies)
    await session.flush()
    for said, again in copies:
        after = {"message_id": str(again.id)}
        audit.record(session, caller, "message.sent_again", said.id, after=after, at=now)
    remaining = await count_after(session, asked, letters)
    next_cursor = cursor([letters[-1].id]) if remaining else None
    return Resent(resent=len(copies), skipped=skipped, remaining=remaining, next_cursor=next_cursor)


def dead_letters(business_id: UUID, wanted: Resend) -> Any:
    filters: list[ColumnElement[bool]] = [
        Message.business_id == business_id,
        Message.state == wanted.state,
        ~exists().where(SAME_WORDS, Other.copy > Message.copy),
    ]
    if wanted.kind is not None:
        filters.append(Message.kind == wanted.kind)
    if wanted.since is not None:
        filters.append(Message.queued_at >= wanted.since)
    if wanted.until is not None:
        filters.append(Message.queued_at < wanted.until)
    if wanted.cursor is not None:
        filters.append(Message.id > position(wanted.cursor, [Message.id])[0])
    return select(Message).where(*filters)


async def standing_of(
    session: AsyncSession, business_id: UUID, letters: Sequence[Message]
) -> dict[UUID, Standing]:
    """Read once they are locked: whoever was faster has said them again by now."""
    last_copy = select(func.max(Other.copy)).where(SAME_WORDS).scalar_subquery()
    later = exists().where(
        SAME_READER, Other.version > Message.version, Other.receipt_number == NO_RECEIPT
    )
    found: Any = await session.execute(
        select(Message.id, last_copy, and_(Message.receipt_number == NO_RECEIPT, later)).where(
            Message.business_id == business_id, Message.id.in_([one.id for one in letters])
        )
    )
    return {id_: Standing(copies, overtaken) for id_, copies, overtaken in found}


async def count_after(session: AsyncSession, asked: Any, letters: Sequence[Message]) -> int:
    if len(letters) < AT_ONCE:
        return 0
    rest = asked.where(Message.id > letters[-1].id).with_only_columns(Message.id)
    some = rest.limit(MOST_COUNTED).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0
