"""One client who leaves their name wherever the product takes a word about them."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2

from chassis.testing import eventually
from tests.classes import ClassStudio
from tests.live_screen import Screen, watching
from tests.mailbox import Mailbox
from tests.portal_client import PortalClient, ask_for_link, sign_in
from tests.sandbox import pay
from tests.security.canary import Canary
from tests.studio import Studio

CONFIRMING = re.compile(r"/confirm-email#token=([A-Za-z0-9_.~-]+)")


@dataclass
class Life:
    """Of a client at a studio, from the first booking to the last."""

    classes: ClassStudio
    mailbox: Mailbox
    canary: Canary
    template: str
    first_talk: str
    """A service that costs nothing."""
    client: PortalClient = field(init=False)

    @property
    def studio(self) -> Studio:
        return self.classes.studio

    @property
    def guest(self) -> dict[str, str]:
        return {"name": self.canary.name, "email": self.canary.email, "phone": self.canary.phone}

    @property
    def says(self) -> str:
        return f"{self.canary.name} says so, {self.canary.phone}"

    def key(self, name: str) -> dict[str, str]:
        """So that the answer is kept."""
        return {"Idempotency-Key": f"{name}-{self.studio.slug}"}

    async def told(self, method: str, path: str, **more: Any) -> Any:
        return await self.studio.told(method, path, **more)

    async def lead(self) -> None:
        await self.book_as_a_guest()
        await self.book_a_class_as_a_guest()
        await self.become_known()
        await self.buy_credits()
        await self.be_booked_by_the_studio()
        self.client = await sign_in(self.studio, self.mailbox, self.canary.email)
        await self.use_the_portal()
        await self.wait_in_a_queue()
        await self.unsubscribe()
        await self.change_address()
        await self.be_written_to_again()
        await self.be_looked_at()

    async def book_as_a_guest(self) -> None:
        """With an answer to a question, and a deposit that is paid and given back."""
        talk, place = self.studio.places(2)
        met = await self.studio.gateway.post(
            f"/api/public/booking/{self.studio.slug}/appointments",
            json={"service_id": self.first_talk, "customer": self.guest} | talk,
        )
        assert met.status_code == 201, met.text
        await self.cancel(f"/api/appointments/{met.json()['id']}")
        wanted = {
            "service_id": self.studio.service,
            "customer": self.guest,
            "answers": {"injuries": self.says},
        }
        path = f"/api/public/booking/{self.studio.slug}/appointments"
        ask = self.studio.gateway.post
        booked = await ask(path, json=wanted | place, headers=self.key("guest"))
        assert booked.status_code == 201, booked.text
        await pay(self.studio.gateway, booked.json()["checkout_url"], "19.00 EUR")
        taken = await ask(path, json=wanted | place)
        assert taken.status_code == 409, taken.text
        wrong = await ask(path, json=wanted | place | {"answers": {self.says: self.says}, "x": 1})
        assert wrong.status_code == 422, wrong.text
        await self.cancel(f"/api/appointments/{booked.json()['id']}")

    async def book_a_class_as_a_guest(self) -> None:
        """With somebody who comes along, paid for together."""
        session = await self.session(0)
        wanted = {
            "session_id": session,
            "customer": self.guest,
            "companions": [{"name": f"Friend of {self.canary.name}", "phone": self.canary.phone}],
        }
        path = f"/api/public/booking/{self.studio.slug}/attendances"
        booked = await self.studio.gateway.post(path, json=wanted, headers=self.key("place"))
        assert booked.status_code == 201, booked.text
        await pay_drop_in(self.studio.gateway, booked.json()["checkout_url"])
        place = booked.json()["attendances"][0]["id"]
        path = f"/api/class-sessions/{session}/attendances/{place}"
        await self.cancel(path, whole_party=True)

    async def become_known(self) -> None:
        """As a customer of whom the studio takes notes, once everybody has heard of them."""

        async def introduced() -> dict[str, Any] | None:
            found = await self.told("GET", "/api/customers", params={"q": self.canary.word})
            return next(iter(found["items"]), None)

        known = await eventually(introduced)
        assert known is not None
        self.classes.customers[self.canary.email] = known["id"]
        path = f"/api/customers/{known['id']}"
        noted = self.guest | {"notes": self.says, "tags": [self.canary.word]}
        seen = {"If-Match": (await self.studio.ask("GET", path)).headers["ETag"]}
        await self.told("PUT", path, json=noted, headers=seen)
        twice = await self.studio.ask("POST", "/api/customers", json=self.guest)
        assert twice.status_code == 409, twice.text
        table = f"name,email,notes\n{self.canary.name},{self.canary.email},{self.says} again\n"
        headers = {"Content-Type": "text/csv"} | self.key("import")
        await self.told("POST", "/api/customers/import", content=table.encode(), headers=headers)

    async def buy_credits(self) -> None:
        sort = await self.classes.package_type(1)
        [package] = (await self.classes.sell(sort, self.canary.email)).values()
        path = f"/api/customer-packages/{package}"
        day = self.studio.first_midnight.date()
        more = {"credits": 1, "reason": self.says}
        await self.told("POST", f"{path}/adjustments", json=more, headers=self.key("more"))
        frozen = {"first_on": f"{day + timedelta(days=40)}", "reason": self.says}
        frozen["last_on"] = f"{day + timedelta(days=45)}"
        await self.told("POST", f"{path}/freeze", json=frozen, headers=self.key("freeze"))

    async def be_booked_by_the_studio(self) -> None:
        customer = self.classes.customers[self.canary.email]
        wanted = {"service_id": self.studio.service, "staff_id": self.studio.staff[0]}
        begins = self.studio.first_midnight + timedelta(days=4)
        once = {"starts_at": begins.isoformat(), "customer_id": customer, "pay_with": "at_studio"}
        made = await self.told(
            "POST", "/api/appointments", json=wanted | once, headers=self.key("a")
        )
        await self.cancel(f"/api/appointments/{made['id']}")
        walked_in = {"starts_at": (begins + timedelta(hours=1)).isoformat(), "customer": self.guest}
        made = await self.told("POST", "/api/appointments", json=wanted | walked_in)
        await self.cancel(f"/api/appointments/{made['id']}")
        weekly = {"starts_at": (begins + timedelta(days=1)).isoformat(), "rule": "FREQ=WEEKLY"}
        weekly |= {"count": 2, "customer_id": customer}
        path = "/api/appointment-series"
        made = await self.told("POST", path, json=wanted | weekly, headers=self.key("series"))
        for one in (await self.told("GET", f"{path}/{made['id']}"))["appointments"]:
            await self.cancel(f"/api/appointments/{one['appointment']['id']}")

    async def use_the_portal(self) -> None:
        session = await self.session(1)
        wanted = {"session_id": session}
        booked = await self.client.told(
            "POST", "/bookings", json=wanted, headers=self.key("portal")
        )
        await self.client.cancel(booked["bookings"][0], reason=self.says)
        profile = await self.client.ask("GET", "/profile")
        changed = {"name": f"{self.canary.name} Junior", "phone": self.canary.phone}
        seen = {"If-Match": profile.headers["ETag"]}
        await self.client.told("PUT", "/profile", json=changed, headers=seen)
        await self.client.told("POST", "/feed", headers={"User-Agent": self.says})
        assert (await self.client.ask("GET", "/export")).status_code == 200

    async def wait_in_a_queue(self) -> None:
        session = await self.session(2, capacity=1)
        other = f"first@{self.studio.slug}.example.com"
        await self.classes.introduce(other)
        await self.classes.sell(await self.classes.package_type(5), other)
        assert (await self.classes.book(session, other)).status_code == 201
        waits = await self.classes.book(session, self.canary.email, join_waitlist=True)
        assert waits.status_code == 202, waits.text

        async def mine() -> Any:
            return (await self.client.told("GET", "/waitlist"))["items"]

        [entry] = await eventually(mine)
        left = await self.client.ask("POST", f"/waitlist/{entry['id']}/leave")
        assert left.status_code == 204, left.text

    async def unsubscribe(self) -> None:
        async def link() -> str | None:
            headers = [mail["headers"] for mail in await self.mailbox(self.canary.email)]
            links = [one["List-Unsubscribe"] for one in headers if "List-Unsubscribe" in one]
            return links[0].strip("<>") if links else None

        address = await eventually(link, within_seconds=20)
        done = await self.studio.gateway.post(urlsplit(str(address)).path)
        assert done.status_code == 200, done.text

    async def change_address(self) -> None:
        """What was said until now is to an address that they do not have any more."""
        new = f"{self.canary.word}@new.example.com"
        await self.client.told("POST", "/profile/email-changes", json={"email": new})

        async def token() -> str | None:
            found = [CONFIRMING.search(mail["text"]) for mail in await self.mailbox(new)]
            return found[0][1] if found and found[0] else None

        wanted = {"token": await eventually(token, within_seconds=20)}
        confirm = "/api/portal/profile/email-changes/confirm"
        changed = await self.studio.gateway.post(confirm, json=wanted)
        assert changed.status_code == 200, changed.text
        self.client.email = new
        for email in (self.canary.email, new):
            await ask_for_link(self.studio, email)

    async def be_written_to_again(self) -> None:
        said = await self.told("GET", "/api/messages", params={"recipient": self.canary.email})
        for number, message in enumerate(said["items"]):
            path = f"/api/messages/{message['id']}/resend"
            await self.studio.ask("POST", path, headers=self.key(f"again-{number}"))

    async def be_looked_at(self) -> None:
        """In a calendar app and on a screen, for which the gateway keeps a little itself."""
        wanted = {"scope": "business", "title": "All of it", "names": True}
        feed = await self.told("POST", "/api/feeds", json=wanted, headers=self.key("feed"))
        assert (await self.studio.gateway.get(httpx2.URL(feed["url"]).path)).status_code == 200
        async with watching(Screen(self.studio)):
            pass

    async def session(self, number: int, **changed: Any) -> str:
        template = await self.classes.template(**changed) if changed else self.template
        starts_at = self.studio.first_midnight + timedelta(days=7, hours=2 * number)
        return await self.classes.session(template, starts_at)

    async def cancel(self, path: str, **wanted: Any) -> None:
        seen = {"If-Match": (await self.studio.ask("GET", path)).headers["ETag"]}
        why = {"reason": self.says} | wanted
        await self.told("POST", f"{path}/cancel", json=why, headers=seen | self.key(path[-36:]))


async def pay_drop_in(gateway: httpx2.AsyncClient, checkout_url: str) -> None:
    opened = await gateway.post(urlsplit(checkout_url).path)
    assert opened.status_code == 200, opened.text
    page = urlsplit(opened.json()["url"]).path
    paid = await gateway.post(f"{page}/pay", params={"later": 1})
    assert paid.status_code == 303, paid.text
    assert (await gateway.post(f"{page}/messages")).json() == [200]
