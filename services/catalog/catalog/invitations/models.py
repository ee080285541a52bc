import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.base import Base
from catalog.sign_ins.models import digest
from catalog.staff.models import StaffMember
from chassis.database import CaseFolded, OfBusiness

LIVES = timedelta(days=7)
OPEN = text("accepted_at IS NULL AND withdrawn_at IS NULL")


class Invitation(OfBusiness, Base):
    __tablename__ = "invitations"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "staff_id"], [StaffMember.business_id, StaffMember.id]
        ),
        CheckConstraint("role IN ('owner', 'staff')", name="role"),
        Index(
            "one_open_invitation_an_email",
            "business_id",
            "email",
            unique=True,
            postgresql_where=OPEN,
        ),
    )

    email: Mapped[CaseFolded]
    role: Mapped[str]
    permissions: Mapped[list[str]]
    staff_id: Mapped[UUID | None]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    def issue(self, now: datetime) -> str:
        """The one-time token; only its digest is kept."""
        secret = secrets.token_urlsafe(32)
        self.token_hash = digest(secret)
        self.created_at = now
        self.expires_at = now + LIVES
        return f"{self.business_id}.{secret}"

    def is_over(self, now: datetime) -> bool:
        return bool(self.accepted_at or self.withdrawn_at) or now >= self.expires_at
