"""What is shown, to whom."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from chassis.testing import eventually
from contracts.calendar import SchedulingRangeChanged

HIDDEN = {"title": "Busy", "service_id": None, "customer_id": None, "customer_name": None}


async def test_two_clients_see_a_change_and_another_business_does_not(
    gateway, watch, tell, changed, signer, business
):
    other = uuid4()
    async with (
        watch(gateway, signer.bearer(business)) as first,
        watch(gateway, signer.bearer(business)) as second,
        watch(gateway, signer.bearer(other)) as foreign,
    ):
        for frames in (first, second, foreign):
            opened = await frames.next()
            assert opened.event == "snapshot"
            assert opened.data == {"read": "/api/calendar"}
        event = changed(business)
        await tell(event, changed(other, title="Theirs"))
        for frames in (first, second):
            frame = await frames.next()
            assert frame.event == "entry"
            shown = event.entry.model_dump(mode="json", exclude={"conflict"})
            assert frame.data == shown | {"removed": False}
            assert int(frame.id) > int(opened.id)
        assert (await foreign.next()).data["title"] == "Theirs"


async def test_a_member_without_the_permission_sees_others_as_busy(
    gateway, watch, tell, changed, signer, business
):
    own = uuid4()
    staff = signer.bearer(business, role="staff", staff_id=own)
    desk = signer.bearer(business, "MANAGE_CALENDAR", role="staff")
    nobody = signer.bearer(business, role="staff")
    mine, theirs = changed(business, staff_id=own), changed(business)
    async with (
        watch(gateway, staff) as as_staff,
        watch(gateway, desk) as as_desk,
        watch(gateway, nobody) as as_nobody,
    ):
        for frames in (as_staff, as_desk, as_nobody):
            await frames.next()
        await tell(mine, theirs)
        for frames, seen in ((as_staff, [1, 0]), (as_desk, [1, 1]), (as_nobody, [0, 0])):
            for event, whole in zip((mine, theirs), seen, strict=True):
                shown = event.entry.model_dump(mode="json", exclude={"conflict"})
                expected = shown | {"removed": False} | ({} if whole else HIDDEN)
                assert (await frames.next()).data == expected


async def test_who_loses_an_appointment_to_a_colleague_sees_it_become_busy(
    gateway, watch, tell, changed, signer, business
):
    own, colleague, id_ = uuid4(), uuid4(), uuid4()
    async with watch(gateway, signer.bearer(business, role="staff", staff_id=own)) as frames:
        await frames.next()
        await tell(changed(business, id=id_, staff_id=own))
        await tell(changed(business, id=id_, staff_id=colleague, version=2))
        before, after = await frames.take(2)
        assert before.data["id"] == after.data["id"] == str(id_)
        assert (before.data["title"], before.data["version"]) == ("Massage · Anna Smith", 1)
        assert (after.data["title"], after.data["staff_id"]) == ("Busy", str(colleague))


async def test_every_member_sees_how_many_places_of_a_class_are_taken(
    gateway, watch, tell, class_changed, signer, business
):
    staff = signer.bearer(business, role="staff", staff_id=uuid4())
    async with watch(gateway, staff) as as_staff, watch(gateway, signer.bearer(business)) as owner:
        for frames in (as_staff, owner):
            await frames.next()
        one = class_changed(business)
        more = class_changed(business, id=one.entry.id, booked=8, waiting=1, version=2)
        await tell(one, more)
        for frames in (as_staff, owner):
            for told in (one, more):
                shown = told.entry.model_dump(mode="json", exclude={"conflict"})
                assert (await frames.next()).data == shown | {"removed": False}


async def test_a_draft_is_in_the_calendars_of_those_who_plan_and_in_no_others(
    gateway, watch, tell, class_changed, signer, business
):
    own = uuid4()
    draft = class_changed(business, status="draft", staff_id=own)
    seen = {
        "owner": signer.bearer(business),
        "plans classes": signer.bearer(business, "MANAGE_CLASSES", role="staff"),
        "plans": signer.bearer(business, "MANAGE_CALENDAR", role="staff"),
        "teaches it": signer.bearer(business, role="staff", staff_id=own),
    }
    for who, bearer in seen.items():
        async with watch(gateway, bearer) as frames:
            await frames.next()
            await tell(draft.model_copy(update={"event_id": uuid4()}))
            frame = await frames.next()
            hidden = who == "teaches it"
            assert (frame.data["title"], frame.data["removed"]) == (
                ("Busy", True) if hidden else ("Reformer Flow", False)
            ), who
            assert frame.data["capacity"] == (None if hidden else 8)


async def test_removals_and_ranges_are_told(gateway, watch, tell, changed, signer, business):
    async with watch(gateway, signer.bearer(business, role="staff")) as frames:
        await frames.next()
        gone = changed(business, removed=True)
        begins = gone.entry.starts_at
        closed = SchedulingRangeChanged(
            occurred_at=begins, business_id=business, begins=begins, ends=begins + timedelta(days=9)
        )
        await tell(gone, closed)
        removal, range_ = await frames.take(2)
        assert removal.data["removed"] is True
        assert (range_.event, range_.data) == (
            "range",
            {"begins": "2027-03-22T09:00:00Z", "ends": "2027-03-31T09:00:00Z", "staff_id": None},
        )


async def test_what_cannot_be_read_makes_clients_read_the_calendar_again(
    gateway, watch, tell, changed, signer, business
):
    class Garbled(SchedulingRangeChanged):
        begins: str = "soon"

    async with watch(gateway, signer.bearer(business)) as frames:
        await frames.next()
        await tell(
            Garbled(
                occurred_at=changed(business).occurred_at,
                business_id=business,
                ends=changed(business).occurred_at,
            )
        )
        assert (await frames.next()).event == "resync"


async def test_a_quiet_stream_has_heartbeats_without_an_id(
    serve, recorder, watch, tell, changed, signer, business
):
    async with serve() as gateway:
        gateway.app.state.streams.heartbeat_seconds = 0.05
        async with watch(gateway, signer.bearer(business)) as frames:
            opened = await frames.next()
            coming = asyncio.create_task(frames.next())

            async def beaten_twice():
                return frames.comments >= 2

            await eventually(beaten_twice)
            await tell(changed(business))
            assert int((await coming).id) > int(opened.id)
