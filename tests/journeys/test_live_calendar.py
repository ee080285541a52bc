"""Everybody's screen shows the same calendar, through the gateway of a whole product."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx2

from chassis.testing import eventually
from tests.classes import ClassStudio
from tests.live_screen import Screen, watching
from tests.studio import Studio, open_studio


async def booked(studio: Studio, place: dict[str, str]) -> dict[str, Any]:
    answer = await studio.book("gitta@example.com", **place)
    assert answer.status_code == 201, answer.text
    appointment: dict[str, Any] = answer.json()
    return appointment


async def book_all(studio: Studio, places: list[dict[str, str]]) -> list[str]:
    return [(await booked(studio, place))["id"] for place in places]


async def reschedule(studio: Studio, id_: str, to: str, version: int) -> httpx2.Response:
    return await studio.ask(
        "POST",
        f"/api/appointments/{id_}/reschedule",
        json={"starts_at": to},
        headers={"If-Match": f'"{version}"'},
    )


async def test_of_two_writers_on_one_version_one_wins_and_both_screens_agree_within_two_seconds(
    gateway: httpx2.AsyncClient,
) -> None:
    studio = await open_studio(gateway)
    appointment = await booked(studio, studio.places(1)[0])
    starts_at = datetime.fromisoformat(appointment["starts_at"])
    wanted = [(starts_at + timedelta(hours=hours)).isoformat() for hours in (2, 4)]
    async with watching(Screen(studio)) as one, watching(Screen(studio)) as other:
        answers = await asyncio.gather(
            *(reschedule(studio, appointment["id"], to, version=1) for to in wanted)
        )
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        won, lost = sorted(answers, key=lambda answer: answer.status_code)
        assert lost.json()["current_version"] == 2

        async def agree() -> bool:
            shown = [screen.entries.get(appointment["id"], {}) for screen in (one, other)]
            return all(
                (entry.get("version"), entry.get("starts_at")) == (2, won.json()["starts_at"])
                for entry in shown
            )

        await eventually(agree, within_seconds=2)


async def test_a_cut_stream_goes_on_with_exactly_what_it_missed(
    gateway: httpx2.AsyncClient,
) -> None:
    studio = await open_studio(gateway)
    before, missed, after = (studio.places(7)[n:m] for n, m in ((0, 2), (2, 5), (5, 7)))
    screen, witness = Screen(studio), Screen(studio)
    ids: list[str] = []
    async with watching(witness):
        async with watching(screen):
            ids += await book_all(studio, before)
            await eventually(lambda: has_seen(screen, 2))
        ids += await book_all(studio, missed)
        await eventually(lambda: has_seen(witness, 5))
        assert len(screen.seen()) == 2
        async with watching(screen):
            ids += await book_all(studio, after)
            await eventually(lambda: has_seen(screen, 7))
        await eventually(lambda: has_seen(witness, 7))
    assert [entry["id"] for entry in screen.seen()] == ids
    # The first frame of each screen says where it began; from there on they are the same.
    assert screen.frames[1:] == witness.frames[1:]
    assert len({frame[0] for frame in screen.frames}) == len(screen.frames)


async def test_a_place_in_a_class_is_on_every_screen_and_in_the_merged_calendar(
    gateway: httpx2.AsyncClient,
) -> None:
    studio = await open_studio(gateway)
    starts_at = studio.first_midnight + timedelta(hours=9)
    classes = ClassStudio(studio)
    template = await classes.template(capacity=2, credit_cost=0)
    session = await classes.session(template, starts_at, instructor_id=studio.staff[0])
    gitta = await studio.told(
        "POST", "/api/customers", json={"name": "Gitta", "email": "gitta@example.com"}
    )
    appointment = await booked(studio, studio.places(1)[0])
    async with watching(Screen(studio)) as screen:
        place = {"customer_id": gitta["id"]}
        await studio.told("POST", f"/api/class-sessions/{session}/attendances", json=place)

        async def is_shown() -> bool:
            return screen.entries.get(session, {}).get("booked") == 1

        await eventually(is_shown, within_seconds=2)
    days = {"from": str(starts_at.date()), "to": str(starts_at.date())}
    calendar = await studio.told("GET", "/api/calendar", params=days)
    assert calendar["unavailable"] == []
    assert [entry["id"] for entry in calendar["entries"]] == [appointment["id"], session]
    shown = calendar["entries"][1]
    assert (shown["booked"], shown["capacity"], shown["waiting"]) == (1, 2, 0)
    assert screen.entries[session].items() - {("removed", False)} <= shown.items()


async def has_seen(screen: Screen, count: int) -> bool:
    return len(screen.seen()) >= count
