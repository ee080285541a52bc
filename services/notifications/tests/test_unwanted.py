"""Who has said that they want no more of it gets no more of it, also by hand."""

from contracts.pilates import PackageChanged, PackageSold
from notifications.testing import Studio
from services.notifications.tests.reading import Reader
from services.notifications.tests.test_dead_letters import change, resent
from services.notifications.tests.test_unsubscribing import click, path_of
from services.notifications.tests.told import package, tell


async def test_a_dead_letter_is_not_sent_again_to_who_wants_no_more_of_its_kind(
    reader: Reader, studio: Studio
) -> None:
    low = package(balance=1, version=2)
    to = str(low.customer_email)
    await tell(studio, PackageChanged, package=low)
    await tell(studio, PackageSold, package=package(customer_email=to))
    messages = await reader.told(2, recipient=to)
    change(reader, "UPDATE messages SET state = 'failed', next_attempt_at = NULL")
    (nudge,) = (message for message in messages if message["kind"] == "package_low")
    assert (await click(reader, path_of(studio, nudge))).status_code == 200
    by_hand = await reader.api.post(f"/api/messages/{nudge['id']}/resend", headers=reader.owner)
    assert (by_hand.status_code, by_hand.json()["type"]) == (409, "/problems/message-unwanted")
    together = await resent(reader)
    assert together["resent"] == 1
    (skipped,) = together["skipped"]
    assert (skipped["kind"], skipped["reason"]) == ("package_low", "message-unwanted")
