"""One click stops what may be stopped, and no more (RFC 8058)."""

import email
from email.message import EmailMessage
from email.policy import default
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx2
import nats
import pytest

from chassis.testing import eventually
from contracts.notifications import SubscriptionChanged
from contracts.pilates import PackageChanged, PackageSold
from notifications.mails.envelope import Letter, compose
from notifications.mails.facts_of_kinds import FACTS
from notifications.mails.kinds import Kind
from notifications.mails.links import Links, Message, sign
from notifications.testing import Studio
from services.notifications.tests.conftest import LINK_SECRET, MakeSettings
from services.notifications.tests.reading import Reader, Told
from services.notifications.tests.told import found, hire, moved, package, tell

ONE_CLICK = {"content": "List-Unsubscribe=One-Click"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def nudge(reader: Reader, studio: Studio) -> Told:
    """A mail that its reader may do without."""
    low = package(balance=1, version=2)
    await tell(studio, PackageChanged, package=low)
    (mail,) = await reader.told(recipient=str(low.customer_email))
    return mail


def path_of(studio: Studio, mail: Told, secret: str = LINK_SECRET) -> str:
    message = Message(studio.business_id, UUID(mail["id"]))
    return urlsplit(Links("http://x", secret).unsubscribe(message)).path


async def click(reader: Reader, path: str) -> httpx2.Response:
    return await reader.api.post(path, headers=FORM, **ONE_CLICK)


async def is_still_nudged(reader: Reader, studio: Studio, to: str, before: int) -> bool:
    """A second package becomes low; what must be sent tells when that was heard."""
    low = package(balance=1, version=2, customer_email=to)
    marker = package()
    await tell(studio, PackageChanged, package=low)
    await tell(studio, PackageSold, package=moved(low))
    await reader.told(1, recipient=to, kind="package_sold", about=str(low.id))
    await tell(studio, PackageChanged, package=package(balance=1, version=2, id=marker.id))
    await reader.told(1, about=str(marker.id))
    return len(await reader.all(recipient=to, kind="package_low")) > before


async def test_get_changes_nothing_and_one_post_stops_the_topic(
    reader: Reader, studio: Studio, nudge: Told
) -> None:
    path, to = path_of(studio, nudge), nudge["recipient"]
    for _ in range(3):
        page = await reader.api.get(path)
        assert page.status_code == 200
        assert '<form method="post"' in page.text
        assert page.headers["Content-Type"].startswith("text/html")
        assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert (await reader.api.head(path)).status_code == 405
    assert await is_still_nudged(reader, studio, to, 1)
    done = await click(reader, path)
    assert (done.status_code, "no more news of packages" in done.text) == (200, True)
    assert (await click(reader, path)).status_code == 200
    assert not await is_still_nudged(reader, studio, to, 2)
    assert not await is_still_nudged(reader, studio, to.upper(), 2)
    assert (await reader.api.post(f"{path}/undo")).status_code == 200
    assert await is_still_nudged(reader, studio, to, 2)


async def test_the_others_are_told_once(
    reader: Reader, studio: Studio, nudge: Told, nats_url: str
) -> None:
    heard: list[SubscriptionChanged] = []

    async def hear(message: nats.aio.msg.Msg) -> None:
        heard.append(SubscriptionChanged.model_validate_json(message.data))

    connection = await nats.connect(nats_url)
    await connection.subscribe(f"{SubscriptionChanged.subject}.{studio.business_id}", cb=hear)
    await connection.flush()
    path = path_of(studio, nudge)
    for _ in range(3):
        await click(reader, path)
    await reader.api.post(f"{path}/undo")

    async def both() -> bool:
        return len(heard) == 2

    await eventually(both)
    assert [(fact.topic, fact.wanted) for fact in heard] == [
        ("packages", False),
        ("packages", True),
    ]
    assert str(heard[0].customer_id) == nudge["customer_id"]
    await connection.close()


async def test_a_link_that_is_not_ours_is_of_nothing(
    reader: Reader, studio: Studio, nudge: Told
) -> None:
    path = path_of(studio, nudge)
    (receipt_id,) = [uuid4()]
    other_business = sign(Message(uuid4(), UUID(nudge["id"])), LINK_SECRET)
    tampered = [
        path[:-1] + ("A" if path[-1] != "A" else "B"),
        path_of(studio, nudge, "somebody-else-s-secret-of-32-characters"),
        path_of(studio, nudge | {"id": str(receipt_id)}),
        f"/api/public/unsubscribe/{other_business}",
        "/api/public/unsubscribe/x",
        "/api/public/unsubscribe/%C3%A9%00",
        f"/api/public/unsubscribe/{'A' * 190}",
    ]
    answers = [await click(reader, link) for link in tampered]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.content for answer in answers} == {answers[0].content}
    assert await is_still_nudged(reader, studio, nudge["recipient"], 1)


async def test_what_is_always_sent_has_no_such_link(reader: Reader, studio: Studio) -> None:
    sold = package()
    await tell(studio, PackageSold, package=sold)
    (mail,) = await reader.told(recipient=str(sold.customer_email))
    assert (await click(reader, path_of(studio, mail))).status_code == 404


async def test_the_studio_stops_its_notices_alike(reader: Reader, studio: Studio) -> None:
    await found(studio, email=None)
    lena = await hire(studio)
    await reader.knows("staff_members", lena.id)
    first = await studio.confirm(staff_id=lena.id)
    (notice,) = await reader.told(recipient=str(lena.email))
    assert (await click(reader, path_of(studio, notice))).status_code == 200
    second = await studio.confirm(staff_id=lena.id)
    await reader.told(1, about=str(second.id))
    await reader.told(2, about=str(first.id))


async def test_the_header_in_the_mail_is_the_link_that_works(
    reader: Reader, studio: Studio, nudge: Told, make_settings: MakeSettings
) -> None:
    settings = make_settings()
    facts = FACTS[Kind.PACKAGE_LOW].parse(
        {"business_name": "Core", "locale": "en", "package": package().model_dump()}
    )
    id_ = UUID(nudge["id"])
    letter = Letter(studio.business_id, id_, Kind.PACKAGE_LOW, "a@b.example", {}, package().sold_at)
    raw = compose(letter, facts, settings.sender, settings.links).as_bytes()
    mail = email.message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = urlsplit(mail["List-Unsubscribe"].strip("<>"))
    assert f"{link.scheme}://{link.netloc}" == settings.public_url
    assert (await click(reader, link.path)).status_code == 200
