"""The envelope of NATS request/reply: what one service asks of another."""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Request(BaseModel):
    """Sent to `ask.<service>.<request>`, outside the subjects that streams keep.

    Handling one twice must have one effect: the asker repeats a request that got no reply.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    subject: ClassVar[str]
    reply: ClassVar[type[Reply]]

    business_id: UUID
