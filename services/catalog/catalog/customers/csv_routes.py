from typing import Annotated

from fastapi import Body, Depends, Header
from fastapi.responses import StreamingResponse

from catalog.customers import csv_export, import_commands, queries
from catalog.customers.problems import CsvExpected, CsvNotReadable
from catalog.customers.schemas import ImportReport
from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, problems
from contracts.permissions import Permission

router = Router(prefix="/api/customers", tags=["customers"])

Manager = Annotated[Principal, Depends(Allow(Permission.MANAGE_CUSTOMERS))]


def must_be_csv(
    _caller: Manager,  # First, so that a stranger learns nothing else.
    content_type: Annotated[str, Header(include_in_schema=False)] = "",
) -> None:
    if content_type.partition(";")[0].strip().lower() != "text/csv":
        raise CsvExpected


@router.post(
    "/import", dependencies=[Depends(must_be_csv)], responses=problems(CsvExpected, CsvNotReadable)
)
async def import_customers(
    caller: Manager,
    session: Session,
    now: Now,
    table: Annotated[bytes, Body(media_type="text/csv")],
    *,
    dry_run: bool = False,
) -> ImportReport:
    """Columns name, email, phone, locale, tags, notes; a column that is missing stays as it is."""
    return await import_commands.import_table(session, caller, table, now, dry_run=dry_run)


@router.get("/export", response_class=StreamingResponse)
async def export_customers(caller: Manager, process: Process) -> StreamingResponse:
    batches = queries.in_batches(process.sessions, caller.business_id)
    lines = csv_export.lines(batches, with_notes=caller.may(Permission.VIEW_CUSTOMER_NOTES))
    headers = {"Content-Disposition": 'attachment; filename="customers.csv"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)
