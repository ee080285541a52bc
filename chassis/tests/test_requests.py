"""A question to another service gets an answer, a refusal with its reason, or NoReply; no more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from notebook.desk import Desk
from notebook.requests import KeepNote, NotesKept

from chassis.requests import NoReply, Refused, ask
from chassis.runtime import Runtime, running
from chassis.testing import eventually


@asynccontextmanager
async def asker(desk: Desk) -> AsyncIterator[Runtime]:
    async with running(desk.settings(), []) as runtime:

        async def connected() -> bool:
            return runtime.nats.is_connected

        await eventually(connected)
        yield runtime


async def test_an_answer_and_the_same_answer_when_asked_twice(shared: Desk, api: object) -> None:
    question = KeepNote(business_id=uuid4(), note_id=uuid4(), title="held")
    async with asker(shared) as runtime:
        answers = [await ask(runtime, question, NotesKept) for _ in range(2)]
    assert answers == [NotesKept(notes=1), NotesKept(notes=1)]


async def test_a_refusal_says_why(shared: Desk, api: object) -> None:
    question = KeepNote(business_id=uuid4(), note_id=uuid4(), title="refuse me")
    async with asker(shared) as runtime:
        with pytest.raises(Refused) as refused:
            await ask(runtime, question, NotesKept)
    assert refused.value.details == {
        "type": "/problems/note-refused",
        "title": "This note is refused after it was written",
        "status": 409,
        "detail": "We have enough of these.",
        "enough": 3,
    }


async def test_what_cannot_be_read_is_refused_as_invalid(shared: Desk, api: object) -> None:
    async with asker(shared) as runtime:
        answer = await runtime.nats.request(KeepNote.subject, b"\xff{", timeout=10)
    assert b"/problems/invalid-request" in answer.data


async def test_a_defect_is_silence_and_the_answerer_lives_on(shared: Desk, api: object) -> None:
    business_id = uuid4()
    async with asker(shared) as runtime:
        bad = KeepNote(business_id=business_id, note_id=uuid4(), title="break")
        with pytest.raises(NoReply):
            await ask(runtime, bad, NotesKept)
        fine = KeepNote(business_id=business_id, note_id=uuid4(), title="fine")
        assert (await ask(runtime, fine, NotesKept)).notes == 1


async def test_nobody_there_is_no_reply_within_the_promised_time(lonely: Desk) -> None:
    question = KeepNote(business_id=uuid4(), note_id=uuid4(), title="anyone?")
    async with asker(lonely) as runtime:
        await assert_no_reply(runtime, question)
        lonely.stop_nats()
        await assert_no_reply(runtime, question)


async def assert_no_reply(runtime: Runtime, question: KeepNote) -> None:
    started = asyncio.get_running_loop().time()
    with pytest.raises(NoReply):
        await ask(runtime, question, NotesKept)
    # Three tries of 0.8 s, on a machine that may have other work.
    assert asyncio.get_running_loop().time() - started < 4


async def test_answers_come_again_after_nats_was_away(lonely: Desk) -> None:
    question = KeepNote(business_id=uuid4(), note_id=uuid4(), title="again")
    async with lonely.worker(), asker(lonely) as runtime:

        async def answered() -> bool:
            try:
                return (await ask(runtime, question, NotesKept)).notes == 1
            except NoReply:
                return False

        await eventually(answered)
        lonely.stop_nats()
        lonely.start_nats()
        await eventually(answered, within_seconds=20)
