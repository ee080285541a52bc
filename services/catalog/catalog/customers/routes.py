from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from catalog.customers import commands, queries
from catalog.customers.models import Customer
from catalog.customers.problems import CustomerEmailTaken, CustomerInUse
from catalog.customers.schemas import CustomerFilter, CustomerView, CustomerWrite
from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, problems
from chassis.pages import Page
from chassis.preconditions import VersionSeen, tag
from chassis.problems import InvalidRequest, NotFound, Stale
from contracts.permissions import Permission

router = Router(prefix="/api/customers", tags=["customers"])

Member = Annotated[Principal, Depends(Allow())]
Manager = Annotated[Principal, Depends(Allow(Permission.MANAGE_CUSTOMERS))]


def seen_by(caller: Principal, customer: Customer) -> CustomerView:
    view = CustomerView.model_validate(customer)
    if not caller.may(Permission.VIEW_CUSTOMER_NOTES):
        view.notes = None
    return view


@router.get("")
async def list_customers(
    caller: Member, session: Session, wanted: Annotated[CustomerFilter, Query()]
) -> Page[CustomerView]:
    items, next_cursor = await queries.find(
        session,
        caller.business_id,
        wanted,
        notes_too=caller.may(Permission.VIEW_CUSTOMER_NOTES),
    )
    return Page(items=[seen_by(caller, item) for item in items], next_cursor=next_cursor)


@router.post("", status_code=201, responses=problems(CustomerEmailTaken, InvalidRequest))
async def create_customer(
    caller: Manager, session: Session, now: Now, wanted: CustomerWrite, response: Response
) -> CustomerView:
    customer = await commands.create(session, caller, wanted, now)
    response.headers["Location"] = f"/api/customers/{customer.id}"
    tag(response, customer.version)
    return seen_by(caller, customer)


@router.get("/{customer_id}", responses=problems(NotFound))
async def read_customer(
    customer_id: UUID, caller: Member, session: Session, response: Response
) -> CustomerView:
    customer = await queries.read(session, caller.business_id, customer_id)
    tag(response, customer.version)
    return seen_by(caller, customer)


@router.put("/{customer_id}", responses=problems(NotFound, CustomerEmailTaken, Stale))
async def change_customer(
    customer_id: UUID,
    caller: Manager,
    session: Session,
    now: Now,
    seen: VersionSeen,
    wanted: CustomerWrite,
    response: Response,
) -> CustomerView:
    customer = await commands.change(session, caller, customer_id, wanted, seen, now)
    tag(response, customer.version)
    return seen_by(caller, customer)


@router.delete(
    "/{customer_id}", status_code=204, responses=problems(NotFound, CustomerInUse, Stale)
)
async def archive_customer(
    customer_id: UUID,
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    seen: VersionSeen,
) -> None:
    await commands.archive(session, process, caller, customer_id, seen, now)
