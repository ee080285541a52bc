"""What of RFC 5545's recurrence rules (3.3.10) is taken: one occurrence a day at most, and never a
rule that costs more time to look through than an occurrence is worth.
"""

import re
from datetime import datetime

from contracts.moments import YEARS

MAX_LENGTH = 200
MAX_COUNT = 1000

END = {"COUNT", "UNTIL"}
ALWAYS = {"FREQ", "INTERVAL", "WKST"} | END
# Days are filtered one by one where the period is a day or a week, so a filter that matches once in
# a lifetime would be looked through day by day; months and years are counted out instead.
BY_FREQUENCY = {
    "DAILY": {"BYDAY", "BYMONTH"},
    "WEEKLY": {"BYDAY", "BYMONTH"},
    "MONTHLY": {"BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"},
    "YEARLY": {"BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS", "BYYEARDAY", "BYWEEKNO"},
}
LISTING = {"BYDAY", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"}
WEEKDAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
WEEK = r"(?:[1-9]|[1-4]\d|5[0-3])"
YEAR_DAY = r"(?:[1-9]|[1-9]\d|[12]\d\d|3[0-5]\d|36[0-6])"
GRAMMAR = {
    "FREQ": "[A-Z]+",
    "INTERVAL": r"[1-9]\d?",
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"\d{8}(?:T\d{6})?",
    "WKST": WEEKDAY,
    "BYDAY": rf"(?:[+-]?{WEEK})?{WEEKDAY}",
    "BYMONTH": r"[1-9]|1[0-2]",
    "BYMONTHDAY": r"[+-]?(?:[1-9]|[12]\d|3[01])",
    "BYYEARDAY": rf"[+-]?{YEAR_DAY}",
    "BYWEEKNO": rf"[+-]?{WEEK}",
    "BYSETPOS": rf"[+-]?{YEAR_DAY}",
}


def normalized(rule: str) -> str:
    """Upper case, and an UNTIL that is a date means all of that day. Raises ValueError."""
    if len(rule) > MAX_LENGTH:
        raise ValueError(f"is longer than {MAX_LENGTH} characters")
    parts = parts_of(rule.strip().upper())
    frequency = parts.get("FREQ", "")
    if frequency not in BY_FREQUENCY:
        raise ValueError(f"FREQ is one of {', '.join(BY_FREQUENCY)}")
    if strange := parts.keys() - ALWAYS - BY_FREQUENCY[frequency]:
        raise ValueError(f"{', '.join(sorted(strange))} cannot be said with FREQ={frequency}")
    check_days(frequency, parts)
    check_end(parts)
    return ";".join(f"{name}={value}" for name, value in parts.items())


def parts_of(rule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in rule.split(";"):
        name, _, value = part.partition("=")
        if name not in GRAMMAR:
            raise ValueError("is not made of the parts of an RFC 5545 RRULE")
        if name in parts:
            raise ValueError(f"{name} is said twice")
        check_value(name, value)
        parts[name] = value
    return parts


def check_value(name: str, value: str) -> None:
    if name == "UNTIL" and value.endswith("Z"):
        raise ValueError("UNTIL is local time of the business, without Z")
    values = value.split(",") if name.startswith("BY") else [value]
    if not all(re.fullmatch(GRAMMAR[name], one, re.ASCII) for one in values):
        raise ValueError(f"{name} has a value that it cannot have")


def check_days(frequency: str, parts: dict[str, str]) -> None:
    numbered = re.search(r"\d", parts.get("BYDAY", ""))
    if numbered and (frequency not in ("MONTHLY", "YEARLY") or "BYWEEKNO" in parts):
        raise ValueError("BYDAY counts weekdays within a month or a year only")
    within_month = frequency == "MONTHLY" or "BYMONTH" in parts
    if numbered and within_month and re.search(r"[6-9]|\d\d", parts["BYDAY"]):
        raise ValueError("BYDAY counts to five within a month")
    if "BYSETPOS" in parts and not parts.keys() & LISTING:
        raise ValueError("BYSETPOS chooses of what another BY part lists")


def check_end(parts: dict[str, str]) -> None:
    if parts.keys() >= END:
        raise ValueError("either COUNT or UNTIL, not both")
    if int(parts.get("COUNT", 1)) > MAX_COUNT:
        raise ValueError(f"COUNT is at most {MAX_COUNT}")
    if "UNTIL" in parts:
        try:
            parts["UNTIL"] = end_of_day(parts["UNTIL"])
            sane = local_time(parts["UNTIL"]).year in YEARS
        except ValueError:
            sane = False
        if not sane:
            raise ValueError(f"UNTIL is no date between {YEARS.start} and {YEARS.stop}")


def end_of_day(until: str) -> str:
    return until if "T" in until else f"{until}T235959"


def local_time(until: str) -> datetime:
    return datetime.strptime(until, "%Y%m%dT%H%M%S")  # noqa: DTZ007
