from typing import Annotated

from fastapi import APIRouter, Depends

from catalog.sign_ins import commands, queries
from catalog.sign_ins.problems import (
    BusinessNotChosen,
    NotAMember,
    RefreshTokenReused,
    SignInEnded,
    TooManySignIns,
    WrongCredentials,
)
from catalog.sign_ins.schemas import Me, Refresh, SignedIn, SignInWrite
from chassis.auth import Allow, Principal, public
from chassis.http import Now, Process, Router, Session, problems
from chassis.problems import Unauthenticated

router = Router(prefix="/api/auth", tags=["sign-in"])

# Not transactional: a password is verified while no connection is held, a refusal may have to
# commit, and no Idempotency-Key may keep tokens in the database.
door = APIRouter(prefix="/api/auth", tags=["sign-in"], dependencies=[Depends(public)])

Member = Annotated[Principal, Depends(Allow())]


@door.post(
    "/sign-in",
    responses=problems(WrongCredentials, NotAMember, BusinessNotChosen, TooManySignIns),
)
async def sign_in(process: Process, now: Now, wanted: SignInWrite) -> SignedIn:
    return await commands.sign_in(process, wanted, now)


@door.post("/refresh", responses=problems(SignInEnded, RefreshTokenReused))
async def refresh(process: Process, now: Now, wanted: Refresh) -> SignedIn:
    """Spends the refresh token and answers with its successor; a spent one ends the sign-in."""
    return await commands.refresh(process, wanted, now)


@router.post("/sign-out", status_code=204, responses=problems(Unauthenticated))
async def sign_out(caller: Member, session: Session, now: Now) -> None:
    await commands.sign_out(session, caller, now)


@router.get("/me", responses=problems(Unauthenticated))
async def read_me(caller: Member, session: Session) -> Me:
    return await queries.me(session, caller)
