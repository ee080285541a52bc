"""Notifications' HTTP API."""

from fastapi import FastAPI

from chassis.app import create_app
from chassis.server import serve
from notifications.mail_settings.routes import router as mail_settings
from notifications.messages.routes import router as messages
from notifications.settings import NotificationsSettings
from notifications.unsubscribing.routes import router as unsubscribing

# Settings before messages, whose ids would take this word for their own.
ROUTERS = [mail_settings, messages, unsubscribing]


def create(settings: NotificationsSettings) -> FastAPI:
    return create_app(settings, routers=ROUTERS)


def main() -> None:
    settings = NotificationsSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
