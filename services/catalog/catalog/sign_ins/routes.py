from typing import Annotated

from fastapi import Depends, Response

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
from catalog.sign_ins.secrecy import never_stored
from chassis.auth import Allow, Principal, public
from chassis.http import Now, Process, Router, Session, answer, problems
from chassis.problems import Problem, Unauthenticated

router = Router(prefix="/api/auth", tags=["sign-in"])

Member = Annotated[Principal, Depends(Allow())]


@router.post(
    "/sign-in",
    dependencies=[Depends(public), Depends(never_stored)],
    response_model=SignedIn,
    responses=problems(WrongCredentials, NotAMember, BusinessNotChosen, TooManySignIns),
)
async def sign_in(
    session: Session, process: Process, now: Now, wanted: SignInWrite
) -> SignedIn | Response:
    outcome = await commands.sign_in(session, process, wanted, now)
    return answer(outcome) if isinstance(outcome, Problem) else outcome


@router.post(
    "/refresh",
    dependencies=[Depends(public), Depends(never_stored)],
    response_model=SignedIn,
    responses=problems(SignInEnded, RefreshTokenReused),
)
async def refresh(
    session: Session, process: Process, now: Now, wanted: Refresh
) -> SignedIn | Response:
    """Spends the refresh token and answers with its successor; a spent one ends the sign-in."""
    outcome = await commands.refresh(session, process, wanted, now)
    return answer(outcome) if isinstance(outcome, Problem) else outcome


@router.post("/sign-out", status_code=204, responses=problems(Unauthenticated))
async def sign_out(caller: Member, session: Session, now: Now) -> None:
    await commands.sign_out(session, caller, now)


@router.get("/me", responses=problems(Unauthenticated))
async def read_me(caller: Member, session: Session) -> Me:
    return await queries.me(session, caller)
