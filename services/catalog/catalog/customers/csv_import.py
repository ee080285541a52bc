"""Read a CSV table of customers: good rows, and for the others what is wrong with them."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from catalog.businesses.localization import Locale
from catalog.customers.csv_cells import unescape
from catalog.customers.csv_export import COLUMNS
from catalog.customers.phone import to_e164
from catalog.customers.problems import CsvNotReadable
from catalog.customers.schemas import Phone, RowError, Tags
from catalog.email_address import Email
from contracts.moments import TimeZone
from contracts.text import Line, Paragraphs

MOST_ROWS = 20_000
TAG_SEPARATORS = re.compile("[|;,]")

Optional = BeforeValidator(lambda cell: cell.strip() or None if isinstance(cell, str) else cell)


def split_tags(cell: Any) -> Any:
    parts = TAG_SEPARATORS.split(cell) if isinstance(cell, str) else cell
    return {part for part in map(str.strip, parts) if part}


class CustomerRow(BaseModel):
    """Only the columns that the table has count as set."""

    name: Line
    email: Annotated[Email | None, Optional] = None
    phone: Annotated[Phone | None, Optional] = None
    locale: Annotated[Locale | None, Optional] = None
    time_zone: Annotated[TimeZone | None, Optional] = None
    tags: Annotated[Tags, BeforeValidator(split_tags)] = Field(default_factory=set)
    notes: Paragraphs = ""

    def values(self) -> dict[str, Any]:
        given = self.model_dump(exclude_unset=True)
        return given | ({"tags": sorted(self.tags)} if "tags" in given else {})


@dataclass
class Table:
    rows: list[dict[str, Any]] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


def read_table(body: bytes, region: str | None, *, with_notes: bool) -> Table:
    """Raises CsvNotReadable. Notes are passed over unless the caller may write them."""
    table = Table()
    first_seen: dict[str, int] = {}
    for number, cells in records(body):
        try:
            values = values_of(cells, region, with_notes=with_notes)
        except ValidationError as error:
            table.errors += problems_of(number, error)
            continue
        except ValueError as error:
            table.errors.append(RowError(row=number, column="phone", detail=str(error)))
            continue
        email = (values.get("email") or "").casefold()
        earlier = first_seen.setdefault(email, number) if email else number
        if earlier != number:
            detail = f"row {earlier} has the same e-mail"
            table.errors.append(RowError(row=number, column="email", detail=detail))
        elif None in cells:
            detail = "has more cells than the header"
            table.errors.append(RowError(row=number, column=None, detail=detail))
        else:
            table.rows.append(values)
    return table


def values_of(cells: dict[Any, Any], region: str | None, *, with_notes: bool) -> dict[str, Any]:
    given = {name: unescape(cell or "") for name, cell in cells.items() if name in COLUMNS}
    if not with_notes:
        given.pop("notes", None)
    values = CustomerRow.model_validate(given).values()
    if values.get("phone"):
        values["phone"] = to_e164(values["phone"], region)
    return values


def problems_of(number: int, error: ValidationError) -> list[RowError]:
    return [
        RowError(
            row=number,
            column=str(found["loc"][0]),
            detail=found["msg"].removeprefix("Value error, "),
        )
        for found in error.errors()
    ]


def records(body: bytes) -> Iterator[tuple[int, dict[Any, Any]]]:
    """Numbered as a spreadsheet shows them; empty lines are passed over."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CsvNotReadable("The table is not UTF-8.") from error
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        reader.fieldnames = check_header(reader.fieldnames or [])
        for number, cells in enumerate(reader, start=2):
            if number > MOST_ROWS + 1:
                raise CsvNotReadable(f"The table has more than {MOST_ROWS} rows.")
            if any(cells.values()):
                yield number, cells
    except csv.Error as error:
        raise CsvNotReadable(f"Line {reader.line_num}: {error}") from error


def check_header(names: Any) -> list[str]:
    columns = [name.strip().lower() for name in names]
    unknown = sorted(set(columns) - set(COLUMNS))
    if "name" not in columns or unknown or len(set(columns)) < len(columns):
        raise CsvNotReadable(
            f"The first row names the columns: name, and any of {', '.join(COLUMNS[1:])}.",
            unknown_columns=unknown,
        )
    return columns
