"""What was said to whom, and saying it again."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2
import pytest

from chassis.testing import eventually
from contracts.catalog import Business, BusinessChanged, MemberInvited
from contracts.permissions import Permission
from notifications.testing import Mailbox, Studio, messages_of
from services.notifications.tests.conftest import MakeSettings
from services.notifications.tests.reading import heard_of
from services.notifications.tests.told import found
from stack.signer import Signer


@pytest.fixture(scope="module")
def broker_url(pgmq_url: str) -> str:
    return pgmq_url


async def test_messages_are_listed_newest_first_filtered_and_paged(
    notifications: httpx2.AsyncClient, studio: Studio, signer: Signer, mailbox: Mailbox
) -> None:
    owner = signer.bearer(studio.business_id)
    booked = [await studio.confirm() for _ in range(3)]
    for appointment in booked:
        await mailbox.first_mail(appointment.customer_email)
    recipients = [message["recipient"] for message in await messages_of(notifications, owner)]
    assert sorted(recipients) == sorted(str(one.customer_email) for one in booked)
    first = await notifications.get("/api/messages", headers=owner, params={"limit": 2})
    rest = await notifications.get(
        "/api/messages", headers=owner, params={"cursor": first.json()["next_cursor"]}
    )
    paged = [*first.json()["items"], *rest.json()["items"]]
    assert [message["recipient"] for message in paged] == recipients
    assert rest.json()["next_cursor"] is None
    wanted = str(booked[0].customer_email).upper()
    (only,) = await messages_of(notifications, owner, recipient=wanted)
    assert (only["about"], only["kind"]) == (str(booked[0].id), "appointment_confirmed")
    assert await messages_of(notifications, owner, state="failed") == []


async def test_another_business_sees_nothing_and_a_stranger_is_not_let_in(
    notifications: httpx2.AsyncClient, studio: Studio, signer: Signer, mailbox: Mailbox
) -> None:
    booked = await studio.confirm()
    await mailbox.first_mail(booked.customer_email)
    (message,) = await messages_of(notifications, signer.bearer(studio.business_id))
    other = signer.bearer(uuid4())
    assert await messages_of(notifications, other) == []
    answers = [
        await notifications.post(f"/api/messages/{id_}/resend", headers=other)
        for id_ in (message["id"], uuid4(), "no-id")
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (404, answers[0].content)
    }
    assert (await notifications.get("/api/messages")).status_code == 401
    staff = signer.bearer(studio.business_id, Permission.MANAGE_STAFF, role="staff")
    assert (await notifications.get("/api/messages", headers=staff)).status_code == 403


async def test_a_resend_is_a_second_mail_with_its_own_id_and_the_same_invitation(
    notifications: httpx2.AsyncClient, studio: Studio, signer: Signer, mailbox: Mailbox
) -> None:
    owner = signer.bearer(studio.business_id)
    booked = await studio.confirm()
    await mailbox.first_mail(booked.customer_email)

    async def sent() -> list[dict[str, object]]:
        return await messages_of(notifications, owner, state="sent")

    (message,) = await eventually(sent)
    again = await notifications.post(f"/api/messages/{message['id']}/resend", headers=owner)
    assert (again.status_code, again.json()["copy"]) == (201, 1), again.text

    async def two() -> bool:
        return len(await mailbox.mails(booked.customer_email)) == 2

    await eventually(two)
    mails = await mailbox.mails(booked.customer_email)
    assert len({mail["message_id"] for mail in mails}) == 2
    assert all(booked.uid in str(mail["attachments"][0]["text"]) for mail in mails)


async def test_what_a_later_message_has_overtaken_is_not_said_again(
    notifications: httpx2.AsyncClient, studio: Studio, signer: Signer, mailbox: Mailbox
) -> None:
    owner = signer.bearer(studio.business_id)
    booked = await studio.confirm()
    await mailbox.first_mail(booked.customer_email)
    await studio.tell(studio.cancelled(booked))

    async def both_sent() -> bool:
        return len(await messages_of(notifications, owner, state="sent")) == 2

    await eventually(both_sent)
    (message,) = await messages_of(notifications, owner, kind="appointment_confirmed")
    again = await notifications.post(f"/api/messages/{message['id']}/resend", headers=owner)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/message-overtaken")


async def test_an_invited_member_gets_the_link_and_nobody_else_ever_does(
    notifications: httpx2.AsyncClient, studio: Studio, signer: Signer, mailbox: Mailbox
) -> None:
    owner = signer.bearer(studio.business_id)
    business = Business(
        id=studio.business_id,
        version=1,
        slug="core",
        name="Core Berlin",
        time_zone="Europe/Berlin",
        currency="EUR",
        locale="de-DE",
        email="hello@core.example",
    )
    now = datetime.now(UTC)
    changed = BusinessChanged(business_id=studio.business_id, occurred_at=now, business=business)
    invited = MemberInvited(
        business_id=studio.business_id,
        occurred_at=now,
        invitation_id=uuid4(),
        email=f"{uuid4().hex}@example.com",
        business_name="Core Berlin",
        locale="de-DE",
        accept_url="http://localhost:8000/join?token=s3cret&x=1",
        expires_at=now + timedelta(days=7),
    )
    await studio.tell(changed, invited)
    mail = await mailbox.first_mail(invited.email)
    assert invited.accept_url in mail["text"]
    assert 'href="http://localhost:8000/join?token=s3cret&amp;x=1"' in mail["html"]

    async def sent() -> list[dict[str, object]]:
        return await messages_of(notifications, owner, state="sent")

    (message,) = await eventually(sent)
    assert "s3cret" not in str(message)
    again = await notifications.post(f"/api/messages/{message['id']}/resend", headers=owner)
    assert again.json()["type"] == "/problems/message-held-secret"


async def test_answers_go_to_the_business(
    notifications: httpx2.AsyncClient,
    studio: Studio,
    mailbox: Mailbox,
    make_settings: MakeSettings,
) -> None:
    told = {"slug": "core", "name": "Core Berlin", "currency": "EUR", "locale": "de-DE"}
    newest, older = (
        BusinessChanged(
            business_id=studio.business_id,
            occurred_at=datetime.now(UTC),
            business=Business(
                id=studio.business_id,
                version=version,
                email=f"v{version}@core.example",
                time_zone="Europe/Berlin",
                **told,
            ),
        )
        for version in (2, 1)
    )
    await studio.tell(newest, older)
    behind = Studio(studio.nats_url)
    await found(behind)
    url = make_settings().database_url
    await heard_of(url, behind.business_id, "businesses", behind.business_id)
    booked = await studio.confirm()
    mail = await mailbox.first_mail(booked.customer_email)
    assert "<v2@core.example>" in mail["headers"]["Reply-To"]
