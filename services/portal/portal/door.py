"""How clients come in: nobody needs an access token, every route says what it needs instead."""

from typing import Any

from fastapi import APIRouter, Depends, Response

from chassis.auth import public
from chassis.http import TransactionalRoute
from portal.same_origin import from_our_pages

FOR_ONE_CLIENT = {"Cache-Control": "private, no-cache"}
FOR_NOBODY = {"Cache-Control": "no-store"}
"""Said by whoever makes a response of its own, which takes no headers from here."""


def kept_by_nobody_else(response: Response) -> None:
    response.headers.update(FOR_ONE_CLIENT)


def never_stored(response: Response) -> None:
    """Credentials are kept nowhere on their way, our idempotency keys included (RFC 6749, 5.1)."""
    response.headers.update(FOR_NOBODY)


FOR_ALL = (Depends(public), Depends(from_our_pages), Depends(kept_by_nobody_else))


class ClientRouter(APIRouter):
    """One transaction a request."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=TransactionalRoute, dependencies=FOR_ALL, **options)


class AskingRouter(APIRouter):
    """For what another service decides: while it is asked, no transaction is open here."""

    def __init__(self, **options: Any) -> None:
        super().__init__(dependencies=FOR_ALL, **options)
