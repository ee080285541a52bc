"""How a business wants its mails to be."""

from typing import Any

import pytest

from contracts.pilates import PackageSold
from notifications.testing import Studio
from services.notifications.tests.reading import Reader
from services.notifications.tests.told import found, package, tell

PATH = "/api/messages/settings"


async def test_they_begin_with_what_suits_most(reader: Reader) -> None:
    read = await reader.api.get(PATH, headers=reader.owner)
    assert read.headers["ETag"] == '"0"'
    assert read.json() == {
        "version": 0,
        "accent": "#3d5a4c",
        "reply_to": None,
        "reminder_minutes": [1440, 120],
        "quiet_from": "21:00",
        "quiet_until": "08:00",
        "notices_to_staff": True,
        "notices_to_business": True,
        "agenda_at": "07:00",
    }


async def test_colour_and_replies_are_in_every_mail_from_then_on(
    reader: Reader, studio: Studio
) -> None:
    changed = await reader.settings(accent="#ffd400", reply_to="front.desk@core.example")
    assert (changed.status_code, changed.json()["version"]) == (200, 1)
    await found(studio)
    sold = package()
    await tell(studio, PackageSold, package=sold)
    (mail,) = await reader.told(recipient=str(sold.customer_email))
    assert "#ffd400" in mail["body"]["html"]
    assert (await reader.api.get(PATH, headers=reader.owner)).json()["accent"] == "#ffd400"


async def test_a_stale_write_is_refused_and_an_unconditional_one_too(reader: Reader) -> None:
    assert (await reader.settings(agenda_at=None)).status_code == 200
    read = (await reader.api.get(PATH, headers=reader.owner)).json()
    del read["version"]
    stale = await reader.api.put(PATH, json=read, headers=reader.owner | {"If-Match": '"0"'})
    assert (stale.status_code, stale.json()["current"]["agenda_at"]) == (412, None)
    unconditional = await reader.api.put(PATH, json=read, headers=reader.owner)
    assert unconditional.status_code == 428


async def test_members_read_them_and_owners_change_them(reader: Reader, studio: Studio) -> None:
    staff = reader.signer.bearer(studio.business_id, role="staff")
    read = await reader.api.get(PATH, headers=staff)
    assert read.status_code == 200
    wanted = {name: value for name, value in read.json().items() if name != "version"}
    refused = await reader.api.put(PATH, json=wanted, headers=staff | {"If-Match": '"0"'})
    assert refused.status_code == 403
    assert (await reader.api.get(PATH)).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"accent": "red"},
        {"accent": "#12345g"},
        {"accent": "#fff;background:url(x)"},
        {"reply_to": "nobody"},
        {"reply_to": "a@b.example\r\nBcc: c@d.example"},
        {"reminder_minutes": [14]},
        {"reminder_minutes": [60, 60]},
        {"reminder_minutes": [True]},
        {"reminder_minutes": ["60"]},
        {"reminder_minutes": [15, 30, 45, 60, 75]},
        {"reminder_minutes": [20161]},
        {"quiet_from": None},
        {"quiet_until": "24:00"},
        {"agenda_at": "07:00:30"},
        {"agenda_at": "07:00+01:00"},
        {"notices_to_staff": "perhaps"},
        {"more": 1},
    ],
)
async def test_what_makes_no_sense_is_refused(reader: Reader, wrong: dict[str, Any]) -> None:
    refused = await reader.settings(**wrong)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-request")
    assert refused.json()["errors"]
    assert (await reader.api.get(PATH, headers=reader.owner)).json()["version"] == 0
