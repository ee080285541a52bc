from collections.abc import Iterable, Mapping
from typing import Any

from scheduling.appointments.problems import AnswersRefused


def check_answers(questions: Iterable[Mapping[str, Any]], answers: Mapping[str, str]) -> None:
    """Raises AnswersRefused, which says per question what is wrong.

    Service and page may ask under one key: then one answer has to satisfy both.
    """
    asked = list(questions)
    keys = {question["key"] for question in asked}
    refused = {key: "is not asked here" for key in answers if key not in keys}
    for question in asked:
        key = question["key"]
        if reason := refusal(question, answers.get(key, "")):
            refused.setdefault(key, reason)
    if refused:
        raise AnswersRefused(answers=refused)


def check_corrected(
    questions: Iterable[Mapping[str, Any]], before: Mapping[str, str], answers: Mapping[str, str]
) -> None:
    """As the service asks; what only the booking page had asked may be answered anew."""
    asked = {question["key"] for question in questions}
    of_the_page = before.keys() - asked
    check_answers(
        questions, {key: answer for key, answer in answers.items() if key not in of_the_page}
    )


def refusal(question: Mapping[str, Any], answer: str) -> str | None:
    if not answer:
        return "needs an answer" if question["required"] else None
    if len(answer) > question["max_length"]:
        return f"is longer than {question['max_length']} characters"
    if question["kind"] == "choice" and answer not in question["choices"]:
        return "is none of the choices"
    if question["kind"] == "checkbox" and answer not in ("yes", "no"):
        return "is neither yes nor no"
    if question["kind"] == "checkbox" and question["required"] and answer != "yes":
        return "must be ticked"
    return None
