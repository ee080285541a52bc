"""Merging bytes is merging calendars."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.calendar import CalendarEntries, CalendarEntry
from gateway.calendar_merge import merge

NINE = datetime(2027, 3, 28, 9, tzinfo=UTC)
NASTY = (
    '},{"source":"',
    '"starts_at":"2027-03-28T09:00:00Z"',
    "starts_at",
    "\\",
    '\\"',
    "source",
    "},{",
    "{",
    "]}",
    "\U0001f9d8",
)

titles = st.lists(st.sampled_from(NASTY) | st.text(max_size=5), max_size=3).map("".join)
moments = st.integers(0, 300).map(lambda minutes: NINE + timedelta(minutes=minutes)) | st.integers(
    1, 10**6 - 1
).map(lambda micros: NINE.replace(microsecond=micros))


@st.composite
def bodies(draw, source, *, compact):
    entries = [
        CalendarEntry(
            source=source,
            kind="appointment",
            id=UUID(int=number),
            title=draw(titles),
            customer_name=draw(titles),
            status="confirmed",
            starts_at=draw(moments),
            ends_at=NINE,
            version=1,
        )
        for number in range(draw(st.integers(0, 6)))
    ]
    entries.sort(key=lambda entry: entry.starts_at)
    written = CalendarEntries(entries=entries)
    text = written.model_dump_json() if compact else json.dumps(written.model_dump(mode="json"))
    return text.encode()


def written(source):
    return st.none() | bodies(source, compact=True) | bodies(source, compact=False)


@given(written("scheduling"), written("pilates"))
def test_the_merged_calendar_has_all_entries_in_order(scheduling, pilates):
    calendars = {"scheduling": scheduling, "pilates": pilates}
    body, unavailable = merge(calendars)
    found = [entry for text in calendars.values() if text for entry in json.loads(text)["entries"]]
    found.sort(key=lambda entry: datetime.fromisoformat(entry["starts_at"]))
    missing = [name for name, text in calendars.items() if text is None]
    assert unavailable == missing
    assert json.loads(body) == {"entries": found, "unavailable": missing}


def test_what_is_no_calendar_is_missing():
    for nonsense in (b"", b"null", b"[]", b'{"entries":3}', b'{"entries":[{}]}', b"\xff"):
        body, unavailable = merge({"scheduling": b'{"entries":[]}', "pilates": nonsense})
        assert unavailable == ["pilates"]
        assert json.loads(body) == {"entries": [], "unavailable": ["pilates"]}
