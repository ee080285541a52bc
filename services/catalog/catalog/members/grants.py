"""Who may give which power to whom."""

from collections.abc import Iterable

from chassis.auth import Principal
from chassis.problems import Forbidden


def check_grant(caller: Principal, role: str, permissions: Iterable[str]) -> None:
    """Only owners make owners, and nobody gives what they do not have."""
    if role == "owner" and caller.role != "owner":
        raise Forbidden("Only an owner makes an owner.")
    beyond = sorted(name for name in permissions if not caller.may(name))
    if beyond:
        raise Forbidden("You cannot grant permissions that you do not have.", missing=beyond)


def check_may_change(caller: Principal, role: str) -> None:
    if role == "owner" and caller.role != "owner":
        raise Forbidden("Only an owner changes an owner.")
