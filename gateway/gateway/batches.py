"""Many messages of a stream in one question, without a consumer (NATS ADR-31)."""

from dataclasses import dataclass
from typing import Any

import nats.errors
from pydantic_core import to_json

from chassis.problems import TryAgain
from chassis.runtime import Connected

WITHIN_SECONDS = 2


@dataclass(frozen=True)
class Stored:
    sequence: int
    subject: str
    headers: dict[str, str]
    body: bytes


async def read_batch(
    runtime: Connected, stream: str, *, batch: int, **wanted: Any
) -> list[Stored] | None:
    """At most so many; None where NATS has cut it short of that, as it does with much at once.

    Any replica may answer, and one that lags takes what it has not got yet for the end.
    """
    inbox, asked = runtime.nats.new_inbox(), to_json(wanted | {"batch": batch})
    found: list[Stored] = []
    try:
        answers = await runtime.nats.subscribe(inbox)
        try:
            await runtime.nats.publish(f"$JS.API.DIRECT.GET.{stream}", asked, inbox)
            while True:
                message = await answers.next_msg(WITHIN_SECONDS)
                headers = message.headers or {}
                match headers.get("Status"):
                    case None:
                        place, subject = int(headers["Nats-Sequence"]), headers["Nats-Subject"]
                        found.append(Stored(place, subject, headers, message.data))
                    case "204":
                        left = int(headers.get("Nats-Num-Pending", 0))
                        return None if left and len(found) < batch else found
                    case "404":
                        return found
                    case _:
                        raise TryAgain("The store of events is not reachable right now.")
        finally:
            await answers.unsubscribe()
    except (nats.errors.Error, TimeoutError) as error:
        raise TryAgain("The store of events is not reachable right now.") from error
