import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from catalog.base import Base
from catalog.members.models import MARGIN, Member
from chassis.database import OfBusiness
from contracts.catalog import AccessRevoked

LIVES = timedelta(days=30)
"""Since it was last refreshed."""


class SignIn(OfBusiness, Base):
    """One browser's access: a family of refresh tokens, of which only the newest is good."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "member_id"], [Member.business_id, Member.id]),
        Index("ix_sign_ins_business_id_member_id", "business_id", "member_id"),
        Index("ix_sign_ins_expires_at", "expires_at"),
    )

    member_id: Mapped[UUID]
    refresh_hash: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    def rotate(self, now: datetime) -> str:
        """The next refresh token; the one before is spent."""
        secret = secrets.token_urlsafe(32)
        self.refresh_hash = digest(secret)
        self.expires_at = now + LIVES
        return f"{self.business_id}.{self.id}.{secret}"

    def is_over(self, now: datetime) -> bool:
        return self.ended_at is not None or now >= self.expires_at

    def expects(self, secret: str) -> bool:
        return secrets.compare_digest(self.refresh_hash, digest(secret))

    def end(self, now: datetime) -> AccessRevoked:
        self.ended_at = now
        return AccessRevoked(
            occurred_at=now,
            business_id=self.business_id,
            member_id=self.member_id,
            sign_in_id=self.id,
            issued_before=now + MARGIN,
        )


class FailedSignIn(Base):
    """Kept by a digest of the e-mail, so that unknown accounts are throttled just the same."""

    __tablename__ = "failed_sign_ins"
    __table_args__ = (Index("ix_failed_sign_ins_email_digest_at", "email_digest", "at"),)

    position: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    email_digest: Mapped[str]
    at: Mapped[datetime]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
