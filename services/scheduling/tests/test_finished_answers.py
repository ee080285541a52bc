"""Finished answers have a bound, whatever is asked."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from scheduling.slots import finished_answers
from scheduling.slots.finished_answers import Finished, FinishedAnswers

NOW = datetime(2027, 1, 4, tzinfo=UTC)


@pytest.fixture
def answers() -> FinishedAnswers:
    made = FinishedAnswers()
    made._told = True
    return made


def finished(size: int) -> Finished:
    return Finished(b"x" * size, uuid4(), NOW, NOW + timedelta(hours=1))


def known(answers: FinishedAnswers, questions: int) -> list[int]:
    return [
        n for n in range(questions) if answers.find(("/", str(n).encode()), lambda: NOW) is not None
    ]


def test_the_oldest_make_room_for_the_newest(
    answers: FinishedAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finished_answers, "MOST_BYTES", 1000)
    for n in range(20):
        answers.keep(("/", str(n).encode()), finished(100), answers.mark())
    assert known(answers, 20) == list(range(10, 20))
    one = finished(100)
    answers.keep(("/", b"0"), one, answers.mark())
    answers.forget(one.business_id)
    assert known(answers, 20) == list(range(11, 20))


def test_very_long_ones_and_ones_overtaken_by_a_change_are_not_kept(
    answers: FinishedAnswers,
) -> None:
    answers.keep(("/", b"0"), finished(finished_answers.BIG_BYTES + 1), answers.mark())
    mark, late = answers.mark(), finished(10)
    answers.forget(late.business_id)
    answers.keep(("/", b"1"), late, mark)
    assert known(answers, 2) == []
