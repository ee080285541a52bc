"""The member who calls one of the gateway's own routes."""

from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from chassis.auth import Principal
from chassis.problems import Unauthenticated

bearer = HTTPBearer(auto_error=False, scheme_name="access-token", bearerFormat="JWT")


def member(request: Request, _documented: Annotated[Any, Depends(bearer)]) -> Principal:
    """Verified by the entrance, unless the table lets anybody through."""
    principal: Principal | None = request.state.principal
    if principal is None:
        raise Unauthenticated
    return principal


Member = Annotated[Principal, Depends(member)]
