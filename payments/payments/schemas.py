from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints


class CheckoutRequest(BaseModel, extra="forbid"):
    return_path: Annotated[str, StringConstraints(max_length=500, pattern=r"^/[!-~]*$")] | None = (
        None
    )
    """Where the payer comes back to, on our own site; absent: how it stands."""


class CheckoutView(BaseModel):
    url: str
    """The payment provider's page; open it in a browser."""


class WebhookHeard(BaseModel):
    heard: Literal[True] = True
