from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.pages import read_page
from chassis.problems import NotFound
from pilates.class_templates.models import ClassTemplate
from pilates.class_templates.schemas import TemplateFilter


async def read(session: AsyncSession, business_id: UUID, template_id: UUID) -> ClassTemplate:
    """Also one that is archived."""
    template = await session.get(ClassTemplate, (business_id, template_id))
    if template is None:
        raise NotFound
    return template


async def in_use(session: AsyncSession, business_id: UUID, template_id: UUID) -> ClassTemplate:
    template = await read(session, business_id, template_id)
    if template.archived_at:
        raise NotFound
    return template


async def find(
    session: AsyncSession, business_id: UUID, wanted: TemplateFilter
) -> tuple[list[ClassTemplate], str | None]:
    found = select(ClassTemplate).where(
        ClassTemplate.business_id == business_id,
        ClassTemplate.archived_at.is_not(None)
        if wanted.archived
        else ClassTemplate.archived_at.is_(None),
    )
    for name in ("instructor_id", "room_id"):
        if (value := getattr(wanted, name)) is not None:
            found = found.where(getattr(ClassTemplate, name) == value)
    return await read_page(session, found, (ClassTemplate.name, ClassTemplate.id), wanted)
