"""Customers as CSV, in and out."""

import csv
import io
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from contracts.permissions import Permission

TABLE = """\ufeffName;Email;Phone;Locale;Tags;Notes
Ana;ana@core.example;030 901820;de;vip|morning;Knee
Ben;BEN@core.example;;;;
"Carla; née Cruz";;+351912345678;pt-PT;;"two
lines"
No e-mail;;;;;
No e-mail;;;;;
"""


async def send(
    studio: Any, table: str | bytes, *, dry_run: bool = False, headers: Any = None
) -> dict[str, Any]:
    answer = await studio.catalog.post(
        "/api/customers/import",
        params={"dry_run": dry_run},
        content=table,
        headers=(headers or studio.owner) | {"Content-Type": "text/csv; charset=utf-8"},
    )
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def counts(report: dict[str, Any]) -> tuple[int, int, int]:
    return report["created"], report["updated"], report["unchanged"]


async def customers(studio: Any) -> list[dict[str, Any]]:
    listed = await studio.catalog.get("/api/customers?limit=200", headers=studio.owner)
    items: list[dict[str, Any]] = listed.json()["items"]
    return items


async def test_a_table_is_imported_once_however_often_it_is_sent(studio: Any, heard: Any) -> None:
    first = await send(studio, TABLE)
    assert first["errors"] == []
    assert counts(first) == (5, 0, 0)
    ana, _ben, carla = (await customers(studio))[:3]
    assert (ana["phone"], ana["tags"], ana["notes"]) == ("+4930901820", ["morning", "vip"], "Knee")
    assert (carla["name"], carla["notes"]) == ("Carla; née Cruz", "two\nlines")
    assert counts(await send(studio, TABLE)) == (0, 0, 5)
    assert counts(await send(studio, TABLE.replace("ana@core", "ANA@CORE"))) == (0, 0, 5)
    assert [item["version"] for item in await customers(studio)] == [1] * 5
    for name in ("Ana", "Ben", "Carla; née Cruz"):
        await heard.told("customer.changed", studio.id, name=name)


async def test_a_changed_row_changes_only_the_columns_of_the_table(studio: Any, heard: Any) -> None:
    await send(studio, TABLE)
    report = await send(studio, "email,name\nana@core.example,Ana M.\nben@core.example,Ben\n")
    assert counts(report) == (0, 1, 1)
    [ana] = [item for item in await customers(studio) if item["name"] == "Ana M."]
    assert (ana["tags"], ana["notes"], ana["version"]) == (["morning", "vip"], "Knee", 2)
    await heard.told("customer.changed", studio.id, name="Ana M.", version=2)


async def test_a_table_says_where_clients_live_and_an_export_says_it_again(
    studio: Any, heard: Any
) -> None:
    table = """name,email,time_zone
Ana,ana@core.example,Atlantic/Canary
Ben,ben@core.example,
Cy,cy@core.example,Mars/Olympus
Di,di@core.example,europe/berlin
"""
    report = await send(studio, table)
    assert counts(report) == (2, 0, 0)
    wrong = [(error["row"], error["column"]) for error in report["errors"]]
    assert wrong == [(4, "time_zone"), (5, "time_zone")]
    await heard.told("customer.changed", studio.id, name="Ana", time_zone="Atlantic/Canary")
    await heard.told("customer.changed", studio.id, name="Ben", time_zone=None)
    exported = await studio.catalog.get("/api/customers/export", headers=studio.owner)
    zones = {row["name"]: row["time_zone"] for row in csv.DictReader(io.StringIO(exported.text))}
    assert zones == {"Ana": "Atlantic/Canary", "Ben": ""}
    assert counts(await send(studio, exported.content)) == (0, 0, 2)
    moved = await send(studio, "name,email,time_zone\nAna,ana@core.example,Asia/Tokyo\n")
    assert counts(moved) == (0, 1, 0)
    await heard.told("customer.changed", studio.id, time_zone="Asia/Tokyo", version=2)


async def test_a_dry_run_reports_and_writes_nothing(studio: Any) -> None:
    report = await send(studio, TABLE, dry_run=True)
    assert report["dry_run"]
    assert counts(report) == (5, 0, 0)
    assert await customers(studio) == []


async def test_bad_rows_are_named_and_good_rows_are_kept(studio: Any) -> None:
    table = """name,email,phone,locale,tags
Good,good@core.example,,,
,nameless@core.example,,,
Bad mail,nowhere,,,
Bad phone,phone@core.example,call me,,
Bad locale,locale@core.example,,klingon,
Twice,GOOD@core.example,,,
Long,long@core.example,,,,,,more
Bell\x07,bell@core.example,,,
"""
    report = await send(studio, table)
    assert counts(report) == (1, 0, 0)
    assert [(error["row"], error["column"]) for error in report["errors"]] == [
        (3, "name"),
        (4, "email"),
        (5, "phone"),
        (6, "locale"),
        (7, "email"),
        (8, None),
        (9, "name"),
    ]
    assert [item["name"] for item in await customers(studio)] == ["Good"]


async def test_an_export_holds_no_formula_and_imports_back_without_a_change(
    studio: Any, found: Callable[..., Any]
) -> None:
    names = ["=1+1", "+49", "-2", "@cmd", "'quoted", "'=sneaky", "''-", 'a "b", c; d', "plain"]
    for name in names:
        await studio.add("customers", name=name, phone="+4930901820", notes="=2+3\n- item")
    exported = await studio.catalog.get("/api/customers/export", headers=studio.owner)
    assert exported.headers["Content-Type"] == "text/csv; charset=utf-8"
    cells = [cell for row in csv.reader(io.StringIO(exported.text)) for cell in row]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")][:1]
    assert counts(await send(studio, exported.content)) == (0, 0, len(names))
    other = await found()
    assert counts(await send(other, exported.content)) == (len(names), 0, 0)
    assert sorted(item["name"] for item in await customers(other)) == sorted(names)


async def test_notes_leave_and_enter_only_with_the_permission(
    studio: Any, bearer_of: Callable[..., Any]
) -> None:
    await send(studio, TABLE)
    clerk = bearer_of(await studio.join(Permission.MANAGE_CUSTOMERS))
    exported = await studio.catalog.get("/api/customers/export", headers=clerk)
    assert "notes" not in exported.text
    assert "Knee" not in exported.text
    report = await send(studio, TABLE.replace("Knee", "Overwritten"), headers=clerk)
    assert counts(report) == (0, 0, 5)
    assert (await customers(studio))[0]["notes"] == "Knee"


@pytest.mark.parametrize(
    ("table", "status"),
    [
        (b"name\n\xff\xfe", 422),
        (b"email\na@b.example\n", 422),
        (b"name,salary\nAna,1\n", 422),
        (b"name,name\nAna,Ana\n", 422),
        (b'name\n"never closed', 422),
        (b"name\n\x00", 200),
        (b"\n", 422),
        (b"name\n" + b"A\n" * 20_001, 422),
        (b"name\n" + b"A" * 200_000, 422),
        (b"name\n" + b"A" * 5_300_000, 413),
    ],
    ids=lambda value: repr(value)[:30],
)
async def test_what_is_no_table_is_refused_as_a_whole(
    catalog: httpx2.AsyncClient, signer: Any, table: bytes, status: int
) -> None:
    owner = signer.bearer(uuid4())
    headers = owner | {"Content-Type": "text/csv"}
    answer = await catalog.post("/api/customers/import", content=table, headers=headers)
    assert answer.status_code == status, answer.text
    listed = await catalog.get("/api/customers", headers=owner)
    assert listed.json()["items"] == []


async def test_only_csv_is_a_table(catalog: httpx2.AsyncClient, studio: Any) -> None:
    refused = await catalog.post("/api/customers/import", json={"name": 1}, headers=studio.owner)
    assert (refused.status_code, refused.json()["type"]) == (415, "/problems/csv-expected")


async def test_thousands_of_rows_are_a_matter_of_seconds(studio: Any) -> None:
    table = "name,email,phone,tags\n" + "".join(
        f"Customer {n},c{n}@many.example,+4930{900000 + n},a|b\n" for n in range(1500)
    )
    began = time.process_time()
    assert counts(await send(studio, table)) == (1500, 0, 0)
    assert counts(await send(studio, table)) == (0, 0, 1500)
    assert counts(await send(studio, table.replace("Customer", "Client"))) == (0, 1500, 0)
    assert time.process_time() - began < 10
