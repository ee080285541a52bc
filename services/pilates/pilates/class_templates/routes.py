from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from chassis.auth import Allow, Principal
from chassis.http import Now, Process, Router, Session, problems
from chassis.pages import Page
from chassis.preconditions import VersionSeen, tag
from chassis.problems import NotFound, Stale
from contracts.permissions import Permission
from pilates.class_templates import commands, queries
from pilates.class_templates.models import ClassTemplate
from pilates.class_templates.schemas import ClassWrite, TemplateFilter, TemplateView

router = Router(prefix="/api/class-templates", tags=["class templates"])

Member = Annotated[Principal, Depends(Allow())]
Manager = Annotated[Principal, Depends(Allow(Permission.MANAGE_CLASSES))]


@router.post("", status_code=201, response_model=TemplateView, responses=problems(NotFound))
async def create_class_template(
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    wanted: ClassWrite,
    response: Response,
) -> ClassTemplate:
    template = await commands.create(session, process, caller, wanted, now)
    response.headers["Location"] = f"/api/class-templates/{template.id}"
    return shown(template, response)


@router.get("", response_model=Page[TemplateView])
async def list_class_templates(
    caller: Member, session: Session, wanted: Annotated[TemplateFilter, Query()]
) -> dict[str, object]:
    items, next_cursor = await queries.find(session, caller.business_id, wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.get("/{template_id}", response_model=TemplateView, responses=problems(NotFound))
async def read_class_template(
    template_id: UUID, caller: Member, session: Session, response: Response
) -> ClassTemplate:
    return shown(await queries.read(session, caller.business_id, template_id), response)


@router.put("/{template_id}", response_model=TemplateView, responses=problems(NotFound, Stale))
async def change_class_template(
    template_id: UUID,
    caller: Manager,
    session: Session,
    process: Process,
    now: Now,
    seen: VersionSeen,
    wanted: ClassWrite,
    response: Response,
) -> ClassTemplate:
    """Sessions that were made from it stay as they are."""
    template = await commands.change(session, process, caller, template_id, wanted, seen, now)
    return shown(template, response)


@router.delete("/{template_id}", status_code=204, responses=problems(NotFound, Stale))
async def archive_class_template(
    template_id: UUID, caller: Manager, session: Session, now: Now, seen: VersionSeen
) -> None:
    await commands.archive(session, caller, template_id, seen, now)


def shown(template: ClassTemplate, response: Response) -> ClassTemplate:
    tag(response, template.version)
    return template
