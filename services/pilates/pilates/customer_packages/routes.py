from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from calendaring.local_time import NonexistentLocalTime, local_date
from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, problems
from chassis.pages import Page, Paging
from chassis.preconditions import tag
from chassis.problems import NotFound
from contracts.permissions import Permission
from pilates.copies.queries import known_business
from pilates.customer_packages import adjusting, eligibility, freezing, liability, queries, selling
from pilates.customer_packages.models import CustomerPackage, LedgerEntry
from pilates.customer_packages.problems import (
    AlreadyReversed,
    BoughtBefore,
    FreezeInThePast,
    FreezeOverlaps,
    NotForfeited,
    NotFrozen,
    NotLater,
    NotYetOver,
    PackageExpired,
    RefundTooHigh,
    SaleVoided,
    SoldInTheFuture,
    TooFewCredits,
)
from pilates.customer_packages.schemas import (
    Adjustment,
    Eligibility,
    EligibilityQuestion,
    FreezeRequest,
    LedgerEntryView,
    Liability,
    LiabilityRequest,
    PackageFilter,
    PackageSale,
    PackageView,
    PackageWithReceipt,
    VoidRequest,
    Waiver,
)
from pilates.receipts.models import Receipt

router = Router(prefix="/api/customer-packages", tags=["packages"])

Member = Annotated[Principal, Depends(Allow())]
Seller = Annotated[Principal, Depends(Allow(Permission.MANAGE_PACKAGES))]
Lenient = Annotated[Principal, Depends(Allow(Permission.WAIVE_PENALTIES))]
Bookkeeper = Annotated[Principal, Depends(Allow(Permission.VIEW_FINANCIALS))]


@router.get("")
async def list_customer_packages(
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    wanted: Annotated[PackageFilter, Query()],
) -> Page[PackageView]:
    business = await known_business(session, process, caller.business_id)
    today = local_date(now, business.time_zone)
    items, next_cursor = await queries.find(session, caller.business_id, wanted, today)
    seen = [queries.view_of(package, today) for package in items]
    return Page(items=seen, next_cursor=next_cursor)


@router.post(
    "",
    status_code=201,
    responses=problems(NotFound, BoughtBefore, SoldInTheFuture, PackageExpired),
)
async def sell_package(
    caller: Seller,
    session: Session,
    process: Process,
    now: Now,
    wanted: PackageSale,
    response: Response,
) -> PackageWithReceipt:
    package, receipt = await selling.sell(session, process, caller, wanted, now)
    response.headers["Location"] = f"/api/customer-packages/{package.id}"
    return await with_receipt(package, receipt, session, process, now, response)


@router.get("/liability", responses=problems(NotYetOver))
async def read_liability(
    caller: Bookkeeper,
    session: Session,
    process: Process,
    now: Now,
    wanted: Annotated[LiabilityRequest, Query()],
) -> Liability:
    """Credits that are paid for and unused at the end of a local day, and what they are worth."""
    return await liability.liability(session, process, caller, wanted.on, now)


@router.get("/eligible", responses=problems(NotFound, NonexistentLocalTime))
async def explain_eligibility(
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    asked: Annotated[EligibilityQuestion, Query()],
) -> Eligibility:
    """Which package would pay now, and why each other one would not."""
    return await eligibility.eligibility(session, process, caller, asked, now)


@router.get("/{package_id}", responses=problems(NotFound))
async def read_customer_package(
    package_id: UUID,
    caller: Member,
    session: Session,
    process: Process,
    now: Now,
    response: Response,
) -> PackageView:
    package = await queries.read(session, caller.business_id, package_id)
    return await shown(package, session, process, now, response)


@router.get(
    "/{package_id}/ledger",
    response_model=Page[LedgerEntryView],
    responses=problems(NotFound),
)
async def list_ledger_entries(
    package_id: UUID, caller: Member, session: Session, wanted: Paging
) -> dict[str, object]:
    """From the sale on, each with the balance after it."""
    items, next_cursor = await queries.find_entries(session, caller.business_id, package_id, wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.post(
    "/{package_id}/ledger/{entry_id}/waive",
    status_code=201,
    response_model=LedgerEntryView,
    responses=problems(NotFound, NotForfeited, AlreadyReversed, SaleVoided),
)
async def waive_penalty(
    package_id: UUID,
    entry_id: UUID,
    caller: Lenient,
    session: Session,
    process: Process,
    now: Now,
    wanted: Waiver,
) -> LedgerEntry:
    """Gives a forfeited debit back, once."""
    return await adjusting.waive(session, process, caller, package_id, entry_id, wanted, now)


@router.post(
    "/{package_id}/adjustments",
    status_code=201,
    response_model=LedgerEntryView,
    responses=problems(NotFound, TooFewCredits, SaleVoided, PackageExpired, NotLater),
)
async def adjust_package(
    package_id: UUID,
    caller: Seller,
    session: Session,
    process: Process,
    now: Now,
    wanted: Adjustment,
) -> LedgerEntry:
    return await adjusting.adjust(session, process, caller, package_id, wanted, now)


@router.post(
    "/{package_id}/freeze",
    responses=problems(NotFound, FreezeInThePast, FreezeOverlaps, PackageExpired, SaleVoided),
)
async def freeze_package(
    package_id: UUID,
    caller: Seller,
    session: Session,
    process: Process,
    now: Now,
    wanted: FreezeRequest,
    response: Response,
) -> PackageView:
    package = await freezing.freeze(session, process, caller, package_id, wanted, now)
    return await shown(package, session, process, now, response)


@router.post("/{package_id}/unfreeze", responses=problems(NotFound, NotFrozen, SaleVoided))
async def unfreeze_package(
    package_id: UUID,
    caller: Seller,
    session: Session,
    process: Process,
    now: Now,
    response: Response,
) -> PackageView:
    """Ends the freeze of today, or else takes back the next one that was planned."""
    package = await freezing.unfreeze(session, process, caller, package_id, now)
    return await shown(package, session, process, now, response)


@router.post("/{package_id}/void", responses=problems(NotFound, SaleVoided, RefundTooHigh))
async def void_sale(
    package_id: UUID,
    caller: Seller,
    session: Session,
    process: Process,
    now: Now,
    wanted: VoidRequest,
    response: Response,
) -> PackageWithReceipt:
    """Takes the sale back, with what is left of it; what it has paid for stays paid."""
    package, receipt = await selling.void(session, process, caller, package_id, wanted, now)
    return await with_receipt(package, receipt, session, process, now, response)


async def shown(
    package: CustomerPackage, session: Session, process: Process, now: Now, response: Response
) -> PackageView:
    tag(response, package.version)
    business = await known_business(session, process, package.business_id)
    return queries.view_of(package, local_date(now, business.time_zone))


async def with_receipt(
    package: CustomerPackage,
    receipt: Receipt | None,
    session: Session,
    process: Process,
    now: Now,
    response: Response,
) -> PackageWithReceipt:
    view = await shown(package, session, process, now, response)
    return PackageWithReceipt.model_validate(view.model_dump() | {"receipt": receipt})
