"""What a message says, for those who may read it and not act by it."""

from notifications.mails.facts_of_kinds import FACTS
from notifications.mails.kinds import Kind
from notifications.mails.links import HIDDEN, Links
from notifications.mails.links import Message as Linked
from notifications.mails.wording import word
from notifications.messages.models import Message
from notifications.messages.schemas import MessageBody


def body_of(message: Message, public_url: str) -> MessageBody | None:
    """Worded anew out of what the mail was worded of; one-time links are never in it."""
    kind = Kind(message.kind)
    if not message.context:
        return None
    hidden = dict.fromkeys(kind.secrets, f"{public_url}/{HIDDEN}")
    facts = FACTS[kind].parse(message.context | hidden)
    links = Links(public_url, secret=None)
    wording = word(kind, facts, links, Linked(message.business_id, message.id))
    return MessageBody.model_validate(wording, from_attributes=True)
