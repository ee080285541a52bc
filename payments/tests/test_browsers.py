"""Who gets a page, and in which words."""

import re

import pytest
from starlette.datastructures import Headers

from contracts.languages import language_asked, language_of
from payments.browsers import prefers_page
from payments.standing_words import WORDS

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accepted", "gets_page"),
    [
        (BROWSER, True),
        ("TEXT/HTML", True),
        ("text/*, */*;q=0.1", True),
        ("application/json;q=0.2, text/html; level=1; q=0.3", True),
        ("", False),
        ("*/*", False),
        ("application/json, text/html", False),
        ("application/json, text/html;q=0.9", False),
        ("text/html;q=0", False),
        ("text/html;q=0, */*", False),
        (";;q=1,,", False),
    ],
)
def test_a_page_is_for_who_prefers_it(accepted: str, gets_page: bool) -> None:
    assert prefers_page(Headers({"Accept": accepted})) is gets_page


def test_two_lines_are_one_list() -> None:
    said = [(b"accept", b"application/json;q=0.5"), (b"accept", b"text/html")]
    assert prefers_page(Headers(raw=said))
    assert not prefers_page(Headers(raw=[]))


def test_every_text_is_there_in_every_language_with_the_same_blanks() -> None:
    blanks = {
        language: {key: sorted(set(re.findall(r"{\w+}", text))) for key, text in words.items()}
        for language, words in WORDS.items()
    }
    assert blanks["de"] == blanks["en"]
    assert blanks["es"] == blanks["en"]


def test_a_language_that_we_do_not_speak_is_english() -> None:
    assert [language_of(one) for one in ("de-AT", "es_MX", "fr", "")] == ["de", "es", "en", "en"]
    asked = ("fr, es-ES;q=0.9, de;q=0.8", "DE", "*", "")
    assert [language_asked(one) for one in asked] == ["es", "de", "en", "en"]
