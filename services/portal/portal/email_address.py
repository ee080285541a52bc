"""E-mail addresses as browsers accept them, so that one person has one spelling but for case."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ADDRESS = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{LABEL}(?:\.{LABEL})+")
"""WHATWG's valid e-mail address with a dot in its domain; all ASCII, so case folds one way."""


def check_address(text: str) -> str:
    if not ADDRESS.fullmatch(text):
        raise ValueError("is not an e-mail address, such as ana@studio.example")
    return text


Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    AfterValidator(check_address),
]
