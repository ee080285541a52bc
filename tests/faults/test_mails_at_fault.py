"""The broker is away and whoever sends mails is killed: each mail arrives, once, in its order."""

import asyncio
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import NamedTuple

import httpx2

from chassis.testing import eventually
from stack.testing import RunningStack
from tests.databases import rows
from tests.faults.broker_held import broker_held
from tests.faults.mailers_killed import Killer
from tests.faults.second_thoughts import Guests, open_doors
from tests.mailbox import Mail, Mailbox, invitation_of

LINKS = 5
"""Clients who ask for a link to sign in meanwhile."""
QUEUED_SECONDS = 120
DRAINED_SECONDS = 240
"""What was with the broker when it forgot is handed to it again after a minute."""

MESSAGES = """
    SELECT id::text, kind, about::text, version, recipient::text, state, failed_reason
    FROM messages ORDER BY about, recipient, version, queued_at
"""
DESK = "SELECT FROM businesses WHERE email = %(email)s"
"""One that has just signed up has its owner's address."""
CLIENTS = "SELECT email::text FROM customers WHERE email IS NOT NULL"


class Message(NamedTuple):
    """What its row says."""

    id: str
    kind: str
    about: str
    version: int
    recipient: str
    state: str
    failed_reason: str | None


class Figures(NamedTuple):
    bookings: int
    held_seconds: int
    kills: tuple[int, int, int]
    """While guests book, while the broker is away, and while everything is sent."""


IN_FULL = Figures(500, 60, (3, 2, 6))
SCALED_DOWN = Figures(48, 4, (1, 1, 2))


@dataclass(frozen=True)
class Rows:
    stack: RunningStack
    business_id: str

    def all(self) -> list[Message]:
        return [
            Message(*row) for row in rows(self.stack, "notifications", self.business_id, MESSAGES)
        ]

    def knows_desk(self, email: str) -> bool:
        return bool(rows(self.stack, "notifications", self.business_id, DESK, email=email))

    def clients(self) -> set[str]:
        """Of the portal, which writes to nobody else."""
        return {email for (email,) in rows(self.stack, "portal", self.business_id, CLIENTS)}

    def sent(self) -> int:
        return Counter(message.state for message in self.all())["sent"]


async def test_every_mail_arrives_once_and_in_its_order_whoever_is_away_or_dies(
    stack: RunningStack, gateway: httpx2.AsyncClient, mailbox: Mailbox, in_full: bool
) -> None:
    figures = IN_FULL if in_full else SCALED_DOWN
    await mailbox.empty()
    guests = await open_doors(gateway, figures.bookings)
    messages = Rows(stack, guests.studio.business_id)
    killer = Killer(stack)
    at_first, while_away, at_last = figures.kills
    await eventually(lambda: desk_is_known(messages, guests.desk))
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        booking = group.create_task(guests.book())
        for number in range(at_first):
            await guests.have_booked((number + 1) / (at_first + 1) / 2)
            await killer.strike()
        await guests.have_booked(0.5)
        await eventually(lambda: some_have_left(messages))
        async with broker_held(stack):
            held = time.monotonic()
            await booking
            await eventually(lambda: are_clients(messages, guests), within_seconds=QUEUED_SECONDS)
            linked = await guests.ask_for_links(LINKS)
            await guests.think_again()
            await eventually(
                lambda: all_are_queued(messages, guests, linked), within_seconds=QUEUED_SECONDS
            )
            waiting = len(messages.all()) - messages.sent()
            await asyncio.sleep(held + figures.held_seconds - time.monotonic())
            assert messages.sent() == len(messages.all()) - waiting
            for _ in range(while_away):
                await killer.strike()
    away_seconds = time.monotonic() - held
    await strike_while_they_leave(messages, waiting, killer, at_last)
    await eventually(lambda: nothing_is_underway(messages), within_seconds=DRAINED_SECONDS)
    ended = time.monotonic()

    said = messages.all()
    assert Counter(message.state for message in said) == {"sent": len(said)}
    mails = of_this_studio(await all_in_sink(stack), guests)
    check_once(said, mails)
    check_order(said, mails)
    check_guests_are_told(guests, linked, mails)
    assert killer.killed.total() == sum(figures.kills)
    print(  # noqa: T201
        f"{guests.size} bookings, {guests.changes.total()} changes, {len(mails)} mails, {waiting} "
        f"of them kept waiting by a broker that was away for {away_seconds:.0f} s; killed: "
        f"{dict(killer.killed)}; all sent after {ended - began:.0f} s"
    )


async def strike_while_they_leave(messages: Rows, waiting: int, killer: Killer, times: int) -> None:
    """Evenly over those that had to wait."""
    had_left = len(messages.all()) - waiting
    for number in range(times):
        while messages.sent() < had_left + waiting * (number + 1) / (times + 2):
            await asyncio.sleep(0.02)
        await killer.strike()


async def desk_is_known(messages: Rows, email: str) -> bool:
    return messages.knows_desk(email)


async def are_clients(messages: Rows, guests: Guests) -> bool:
    return set(list(guests.booked)[:LINKS]) <= messages.clients()


async def some_have_left(messages: Rows) -> bool:
    return messages.sent() > 0


async def all_are_queued(messages: Rows, guests: Guests, linked: list[str]) -> bool:
    """One for each booking, each change of it and each link, and one to the studio's desk of all
    but the links."""
    said = Counter(message.recipient.endswith(guests.domain) for message in messages.all())
    told = guests.size + guests.changes.total()
    return said == {True: told + len(linked), False: told}


async def nothing_is_underway(messages: Rows) -> bool:
    return not {message.state for message in messages.all()} & {"queued", "sending"}


async def all_in_sink(stack: RunningStack) -> list[Mail]:
    """Asked itself: reading thousands takes it longer than the gateway waits for anybody."""
    url = f"http://127.0.0.1:{stack.facts['ports']['mailbox']}"
    async with httpx2.AsyncClient(base_url=url, timeout=120) as sink:
        return await Mailbox(sink)()


def of_this_studio(mails: list[Mail], guests: Guests) -> list[Mail]:
    ours = (guests.domain, guests.studio.slug)
    return [mail for mail in mails if any(domain in mail["to"][0] for domain in ours)]


def id_of(mail: Mail) -> str:
    return str(mail["message_id"]).strip("<>").partition("@")[0]


def check_once(said: list[Message], mails: list[Mail]) -> None:
    arrived = Counter(map(id_of, mails))
    assert {id_: count for id_, count in arrived.items() if count > 1} == {}
    assert sorted(arrived) == sorted(message.id for message in said)


def check_order(said: list[Message], mails: list[Mail]) -> None:
    """Of one booking, one reader: the mails are in the order in which they arrived."""
    by_id = {message.id: message for message in said}
    lines = defaultdict(list)
    for mail in mails:
        message = by_id[id_of(mail)]
        lines[message.about, message.recipient].append(message.version)
    assert [line for line in lines.values() if line != sorted(line)] == []


def check_guests_are_told(guests: Guests, linked: list[str], mails: list[Mail]) -> None:
    """Of the booking and of each change, as their calendars understand it."""
    told = defaultdict(list)
    links: Counter[str] = Counter()
    for mail in mails:
        email = mail["to"][0]
        if mail["attachments"]:
            [event] = invitation_of(mail).walk("VEVENT")
            told[email].append(int(str(event["SEQUENCE"])))
        elif email.endswith(guests.domain):
            links[email] += 1
    assert told == {email: list(range(guests.changes[email] + 1)) for email in guests.booked}
    assert links == dict.fromkeys(linked, 1)
