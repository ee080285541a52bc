"""Headers as they stand on the wire: mail programs are less patient than Python."""

import email
import re
from email.header import decode_header, make_header
from email.policy import default
from email.utils import getaddresses

import pytest

from notifications.mails.envelope import compose
from notifications.mails.gallery import LINKS, SENDER
from notifications.mails.samples import samples
from notifications.one_line import one_line

REMINDER = next(sample for sample in samples() if sample.kind == "appointment_reminder")
ENCODED = re.compile(rb"=\?[^?]+\?[bq]\?[^?]*\?=", re.IGNORECASE)
NAMES = (
    "",
    "Core Berlin",
    'Studio "Quote" and \\ backslash',
    "Pilates Studio Mitte, Wellness und Bewegung am Rosenthaler Platz GmbH & Co. KG",
    "Müller-Lüdenscheidt, Körperwerkstatt, Pilates & Wellness <evil@x.example>, Berlin",
    "x@y.example, " * 15,
    "A, B" * 40,
    "=?utf-8?q?evil=40x=2Eexample=2C?= and more",
    "שלום " * 40,
    "日本語" * 60,
    "a" * 200,
)


def on_the_wire(business: str = "Core Berlin", customer: str = "Ana Silva") -> bytes:
    letter = REMINDER.letter("en-GB")
    appointment = letter.context["appointment"]
    assert isinstance(appointment, dict)
    appointment |= {"customer_name": customer}
    letter.context["business_name"] = business
    return compose(letter, letter.facts, SENDER, LINKS).as_bytes()


def header(raw: bytes, name: str) -> bytes:
    """With its folds."""
    (found,) = re.findall(rb"^%s:((?:.*\r\n)(?:[ \t].*\r\n)*)" % name.encode(), raw, re.MULTILINE)
    return bytes(found).strip()


def test_a_mail_program_finds_the_address_to_unsubscribe_at_as_it_is() -> None:
    """RFC 8058: an address in encoded words is none, and nobody decodes it."""
    named = header(on_the_wire(), "List-Unsubscribe")
    assert re.fullmatch(rb"<https://bookly\.example/api/public/unsubscribe/[\w=-]{64}>", named)


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_whatever_a_name_is_its_mail_is_from_one_address_and_to_one(name: str) -> None:
    raw = on_the_wire(business=name, customer=name)
    mail = email.message_from_bytes(raw, policy=default)
    for one, address in (("To", "ana@example.com"), ("From", SENDER)):
        assert [found.addr_spec for found in mail[one].addresses] == [address]
        # As programs read it that know of no encoded words, and find the commas first.
        folded = header(raw, one).decode("ascii")
        ((shown, found),) = getaddresses([folded.replace("\r\n", "")])
        assert found == address
        assert str(make_header(decode_header(shown))) == one_line(name)


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_no_line_of_a_header_is_too_long_for_a_mail_server(name: str) -> None:
    head, _, _ = on_the_wire(business=name, customer=name).partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert all(len(word) <= 75 for word in ENCODED.findall(head))
