from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import enter_business
from chassis.outbox import publish_on_commit
from chassis.problems import NotFound
from contracts.notifications import SubscriptionChanged, Topic
from notifications.mails.kinds import Kind
from notifications.mails.links import Message as Linked
from notifications.mails.links import read
from notifications.messages.models import Message
from notifications.unsubscribing.models import Unsubscription


@dataclass(frozen=True)
class Subscription:
    message: Message
    topic: Topic

    @property
    def business_name(self) -> str:
        return self.message.facts.business_name

    @property
    def locale(self) -> str:
        return self.message.facts.locale


async def subscription_of(session: AsyncSession, token: str, secret: str) -> Subscription:
    """What the link in one mail is about. A forged one, and one of a mail that we have forgotten,
    are of nothing."""
    linked: Linked | None = read(token, secret)
    if linked is None:
        raise NotFound
    await enter_business(session, linked.business_id)
    message = await session.get(Message, (linked.business_id, linked.id))
    topic = Kind(message.kind).topic if message else None
    if message is None or topic is None:
        raise NotFound
    return Subscription(message, topic)


async def unsubscribe(session: AsyncSession, of: Subscription, now: datetime) -> None:
    """Again, it changes nothing."""
    values = {
        "business_id": of.message.business_id,
        "email": of.message.recipient,
        "topic": of.topic,
        "at": now,
    }
    added = insert(Unsubscription).values(values).on_conflict_do_nothing()
    if await session.scalar(added.returning(Unsubscription.id)):
        announce(session, of, now, wanted=False)


async def subscribe(session: AsyncSession, of: Subscription, now: datetime) -> None:
    theirs = delete(Unsubscription).where(
        Unsubscription.business_id == of.message.business_id,
        Unsubscription.email == of.message.recipient,
        Unsubscription.topic == of.topic,
    )
    if await session.scalar(theirs.returning(Unsubscription.id)):
        announce(session, of, now, wanted=True)


def announce(session: AsyncSession, of: Subscription, now: datetime, *, wanted: bool) -> None:
    fact = SubscriptionChanged(
        occurred_at=now,
        business_id=of.message.business_id,
        email=of.message.recipient,
        customer_id=of.message.customer_id if of.topic != "studio" else None,
        topic=of.topic,
        wanted=wanted,
    )
    publish_on_commit(session, fact)
