"""The last of three steps: everything is held, so from here on it is what was proposed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.audit import AuditEntry
from chassis.database import enter_business
from chassis.due_rows import Key
from chassis.outbox import publish_on_commit
from chassis.runtime import Runtime
from contracts.calendar import SchedulingEntryChanged
from contracts.scheduling import (
    AppointmentCancelled,
    AppointmentKept,
    AppointmentReopened,
    AppointmentRescheduled,
)
from payments.till import Links
from scheduling.appointments.announcing import announce, show, snapshot
from scheduling.appointments.changes.hold_still import Held
from scheduling.appointments.changes.rescheduling import Place, shift
from scheduling.appointments.commands import announce_booked
from scheduling.appointments.models import Appointment
from scheduling.calendar.entries import entry_of
from scheduling.claims import commands as claims
from scheduling.copies.models import Business, StaffMember
from scheduling.deposits import asking
from scheduling.things_needed.proposal import Proposal, proposal_of


@dataclass(frozen=True)
class Open(Held):
    """An appointment with a proposal, under the locks that the last step needs."""

    @property
    def proposal(self) -> Proposal:
        return proposal_of(self.appointment)


class Settled(NamedTuple):
    appointment: Appointment
    problem: dict[str, Any] | None = None
    """Why it is not what was proposed."""
    links: Links | None = None
    """Where its deposit is paid, if one is asked."""


async def lock_proposed(session: AsyncSession, key: Key, version: int | None = None) -> Open | None:
    """None: it is not open any more, or not this version of it.

    People are locked before what they give. While a proposal is open nobody else may move it, so
    the people read before the lock are the people under it.
    """
    business_id, id_ = key
    await enter_business(session, business_id)
    row = await session.get(Appointment, key)
    if row is None or row.proposed is None:
        return None
    whereto = proposal_of(row).whereto
    staff_ids = {row.staff_id, *([whereto.staff_id] if whereto else [])}
    people = await lock_people(session, business_id, staff_ids)
    row = await session.scalar(
        select(Appointment)
        .where(Appointment.business_id == business_id, Appointment.id == id_)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None or row.proposed_version is None or version not in (None, row.proposed_version):
        return None
    business = await session.get_one(Business, (business_id, business_id))
    return Open(row, business, snapshot(row, business).model_dump(mode="json"), people)


async def lock_people(
    session: AsyncSession, business_id: UUID, staff_ids: Collection[UUID]
) -> dict[UUID, StaffMember]:
    """Also those who were archived since: what was proposed before is theirs to give."""
    people = await claims.lock_staff(session, business_id, staff_ids)
    for staff_id in staff_ids:
        if staff_id not in people:
            people[staff_id] = await session.get_one(StaffMember, (business_id, staff_id))
    return people


async def pivot(session: AsyncSession, runtime: Runtime, open_: Open, now: datetime) -> Settled:
    row, proposal = open_.appointment, open_.proposal
    assert row.proposed_version is not None, "nothing was proposed"
    row.hold_version = row.proposed_version
    row.close_proposal()
    links = None
    if proposal.what == "booking":
        links = await book(session, runtime, open_, proposal, now)
    elif proposal.what == "move":
        await move(session, open_, proposal, now)
    else:
        row.reopen()
        notify = {"notify_customer": proposal.notify}
        await announce(session, row, open_.business, AppointmentReopened, now, **notify)
    record(session, open_, proposal, now)
    return Settled(row, links=links)


async def book(
    session: AsyncSession, runtime: Runtime, open_: Open, proposal: Proposal, now: datetime
) -> Links | None:
    """Where its deposit is paid: time to pay begins when there is something to pay for."""
    row, links = open_.appointment, None
    if proposal.asks_deposit:
        row.await_deposit(asking.pay_by(runtime, now))
        await claims.end_at(session, row.business_id, row.id, row.pay_by)
        links = await asking.ask(session, runtime, row, confirms=proposal.confirms)
    elif proposal.confirms:
        row.confirm()
    else:
        row.version += 1
    pay_url = links.pay_url if links else None
    notify = proposal.notify
    await announce_booked(
        session, row, open_.business, now, notify_customer=notify, pay_url=pay_url
    )
    return links


async def move(session: AsyncSession, open_: Open, proposal: Proposal, now: datetime) -> None:
    row = open_.appointment
    assert proposal.whereto is not None, "a move says whereto"
    place = Place(**vars(proposal.whereto))
    await claims.release(session, row.business_id, claims.way_of(row.id))
    previous = await shift(session, open_, place, now)
    previous["notify_customer"] = proposal.notify
    await announce(session, row, open_.business, AppointmentRescheduled, now, **previous)


async def refuse(
    session: AsyncSession, open_: Open, problem: dict[str, Any], now: datetime, *, late: bool
) -> Settled:
    """It is as it was before; late, somebody was told to expect it, so it says why not."""
    row, proposal = open_.appointment, open_.proposal
    row.close_proposal()
    row.refused = problem
    told: dict[str, Any] = {"not_held": kind_of(problem), "notify_customer": proposal.notify}
    if proposal.what != "booking":
        claim = claims.way_of(row.id) if proposal.what == "move" else row.id
        await claims.release(session, row.business_id, claim)
        row.version += 1
        await session.flush()
        if late and proposal.whereto:
            told["wished_starts_at"] = proposal.whereto.starts_at
            await announce(session, row, open_.business, AppointmentKept, now, **told)
        else:
            await show(session, row, now)
        return Settled(row, problem)
    await claims.release(session, row.business_id, row.id)
    if proposal.may_vanish and not late:
        await vanish(session, row, now)
        return Settled(row, problem)
    row.cancel(now, None)
    told |= {"cancelled_by": "business", "was_confirmed": False}
    await announce(session, row, open_.business, AppointmentCancelled, now, **told)
    record(session, open_, proposal.model_copy(update={"action": "appointment.not-held"}), now)
    return Settled(row, problem)


async def vanish(session: AsyncSession, row: Appointment, now: datetime) -> None:
    """Whoever has looked at a calendar meanwhile sees it go."""
    gone = {"status": "cancelled", "version": row.version + 1}
    entry = entry_of(row).model_copy(update=gone)
    told = SchedulingEntryChanged(occurred_at=now, business_id=row.business_id, entry=entry)
    publish_on_commit(session, told)
    await session.delete(row)


async def show_pending(session: AsyncSession, open_: Open, now: datetime) -> None:
    """A booking that takes longer than anybody waits: its time is taken, and everybody sees it."""
    row, proposal = open_.appointment, open_.proposal
    if proposal.what == "booking" and not proposal.is_shown:
        seen = proposal.model_copy(update={"is_shown": True})
        row.proposed = seen.model_dump(mode="json", exclude_defaults=True)
        await show(session, row, now)


def kind_of(problem: dict[str, Any]) -> str:
    """Such as `machines-short`."""
    reason = problem.get("reason") or problem
    return str(reason["type"]).rpartition("/")[2]


def record(session: AsyncSession, open_: Open, proposal: Proposal, now: datetime) -> None:
    if proposal.actor is None:
        return
    row, before = open_.appointment, open_.before
    after = snapshot(row, open_.business).model_dump(mode="json")
    changed = {name for name, value in after.items() if before.get(name) != value}
    if proposal.what == "booking":
        changed, before = set(after), {}
    session.add(
        AuditEntry(
            business_id=row.business_id,
            actor=proposal.actor,
            action=proposal.action,
            subject_id=row.id,
            before={name: before.get(name) for name in changed} if before else None,
            after={name: after[name] for name in changed},
            at=now,
        )
    )
