"""Who may make, see and end a feed."""

from chassis.auth import Principal
from chassis.problems import Forbidden, NotFound
from chassis.requests import ask
from chassis.runtime import Connected
from contracts.catalog import Introduce, Introduction
from contracts.permissions import Permission
from contracts.pilates import IntroduceResource, ResourceIntroduction
from gateway.feeds.records import Feed
from gateway.feeds.schemas import NewFeed


def may_have(caller: Principal, feed: Feed | NewFeed) -> bool:
    """Who manages the calendar, any; others only of their own time."""
    is_own = feed.scope == "staff_member" and feed.scope_id == caller.staff_id
    return caller.may(Permission.MANAGE_CALENDAR) or (is_own and caller.staff_id is not None)


def check_may_make(caller: Principal, wanted: NewFeed) -> None:
    if not may_have(caller, wanted):
        missing = [Permission.MANAGE_CALENDAR]
        raise Forbidden("You may have feeds of your own calendar only.", missing=missing)


async def check_exists(runtime: Connected, caller: Principal, wanted: NewFeed) -> None:
    """Another business's is like none."""
    if wanted.scope == "business" or wanted.scope_id is None:
        return
    whose = {"business_id": caller.business_id, "id": wanted.scope_id}
    if wanted.scope == "resource":
        thing = await ask(runtime, IntroduceResource(**whose), ResourceIntroduction)
        exists = thing.name is not None
    else:
        known = await ask(runtime, Introduce(noun=wanted.scope, **whose), Introduction)
        exists = known.snapshot() is not None
    if not exists:
        raise NotFound
