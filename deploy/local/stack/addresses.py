"""Where everything is found, for the person at the terminal and for programs."""

import os
from typing import Any

from stack import demo_sign_in
from stack.databases import SERVICES
from stack.our_programs import Ours
from stack.servers import Servers
from stack.settings import Settings


def for_people(settings: Settings) -> str:
    url = settings.url
    lines = [
        "",
        "Bookly is ready.",
        "",
        f"  API         {url}/api/docs",
        f"  Mailbox     {url}/dev/mailbox",
    ]
    if demo_sign_in.marker(settings.home).exists():
        lines += [
            f"  Demo page   {url}/api/public/booking/{demo_sign_in.SLUG}",
            f"  Sign in     {demo_sign_in.EMAIL} with {demo_sign_in.PASSWORD}",
        ]
    lines += [f"  Logs        {settings.home / 'logs'}", "", "Ctrl-C stops everything.", ""]
    return "\n".join(lines)


def for_programs(settings: Settings, servers: Servers, ours: Ours) -> dict[str, Any]:
    return {
        "url": settings.url,
        "pid": os.getpid(),
        "home": str(settings.home),
        "ports": {
            **ours.ports,
            "gateway": settings.port,
            "postgres": servers.postgres.port,
            "nats": servers.nats.port,
        },
        "nats_url": servers.nats.url,
        "broker_url": servers.broker_url,
        "database_urls": {
            name: {role: ours.database_url(name, role) for role in ("owner", "app")}
            for name in SERVICES
        },
    }
