from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.accounts.models import Account
from catalog.base import Base
from catalog.staff.models import StaffMember
from chassis.auth import Principal
from chassis.database import OfBusiness
from contracts.catalog import AccessRevoked
from contracts.permissions import Permission

PRESENT = text("revoked_at IS NULL")

MARGIN = timedelta(seconds=3)
"""Longer than a token's issuer can wait for the lock of the change that voids its token."""


class Member(OfBusiness, Base):
    __tablename__ = "members"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "staff_id"], [StaffMember.business_id, StaffMember.id]
        ),
        CheckConstraint("role IN ('owner', 'staff')", name="role"),
        Index(
            "one_member_an_account",
            "business_id",
            "account_id",
            unique=True,
            postgresql_where=PRESENT,
        ),
        Index(
            "one_member_a_staff_member",
            "business_id",
            "staff_id",
            unique=True,
            postgresql_where=PRESENT,
        ),
    )

    version: Mapped[int] = mapped_column(default=1)
    account_id: Mapped[UUID] = mapped_column(ForeignKey(Account.id), index=True)
    role: Mapped[str]
    permissions: Mapped[list[str]]
    staff_id: Mapped[UUID | None]
    tokens_valid_from: Mapped[datetime]
    """Access tokens issued before are void; those issued from here on say at least this."""
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(lazy="selectin")

    @property
    def name(self) -> str:
        return self.account.name

    @property
    def email(self) -> str:
        return self.account.email

    @property
    def effective_permissions(self) -> list[str]:
        return sorted(Permission if self.role == "owner" else self.permissions)

    def change(self, role: str, permissions: Iterable[str], now: datetime) -> AccessRevoked:
        """Tokens that say what was true before are void; the next refresh says what is true."""
        self.role = role
        self.permissions = sorted(permissions)
        return self._void_tokens(now)

    def revoke(self, now: datetime) -> AccessRevoked:
        self.revoked_at = now
        return self._void_tokens(now)

    def _void_tokens(self, now: datetime) -> AccessRevoked:
        self.version += 1
        self.tokens_valid_from = now + MARGIN
        return AccessRevoked(
            occurred_at=now,
            business_id=self.business_id,
            member_id=self.id,
            issued_before=self.tokens_valid_from,
        )

    def principal(self, sign_in_id: UUID, now: datetime, lives: timedelta) -> Principal:
        """Who the next access token of this member names."""
        return Principal(
            account_id=self.account_id,
            business_id=self.business_id,
            member_id=self.id,
            sign_in_id=sign_in_id,
            role=self.role,
            permissions=frozenset(self.permissions),
            staff_id=self.staff_id,
            issued_at=max(now, self.tokens_valid_from).timestamp(),
            expires_at=(now + lives).timestamp(),
        )
