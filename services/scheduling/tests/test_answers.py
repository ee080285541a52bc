"""What guests answer, against what service and page ask."""

from typing import Any

import pytest

from scheduling.appointments.answers import check_answers
from scheduling.appointments.problems import AnswersRefused


def question(key: str, kind: str = "text", **changed: Any) -> dict[str, Any]:
    asked = {"key": key, "kind": kind, "required": False, "max_length": 100, "choices": []}
    return asked | changed


def refused(questions: list[dict[str, Any]], **answers: str) -> dict[str, str]:
    try:
        check_answers(questions, answers)
    except AnswersRefused as problem:
        told: dict[str, str] = problem.members["answers"]
        return told
    return {}


@pytest.mark.parametrize(
    ("required", "answer", "accepted"),
    [
        (True, "yes", True),
        (True, "no", False),
        (True, "", False),
        (True, "perhaps", False),
        (False, "no", True),
        (False, "", True),
        (False, "perhaps", False),
    ],
)
def test_a_required_checkbox_is_ticked(required: bool, answer: str, accepted: bool) -> None:
    asked = [question("consent", "checkbox", required=required)]
    assert (refused(asked, consent=answer) == {}) is accepted


def test_what_service_and_page_both_ask_satisfies_both() -> None:
    of_service = question("level", "choice", choices=["new", "some"], required=True)
    of_page = question("level", "choice", choices=["some", "much"])
    for asked in ([of_service, of_page], [of_page, of_service]):
        assert refused(asked, level="some") == {}
        assert set(refused(asked, level="new")) == {"level"}
        assert set(refused(asked, level="much")) == {"level"}
        assert set(refused(asked)) == {"level"}


def test_what_nobody_asks_is_refused() -> None:
    assert refused([question("level")], shoe="42") == {"shoe": "is not asked here"}
