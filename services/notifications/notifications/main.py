"""Notifications' HTTP API."""

from fastapi import FastAPI

from chassis.app import create_app
from chassis.server import serve
from notifications.messages.routes import router as messages
from notifications.settings import NotificationsSettings


def create(settings: NotificationsSettings) -> FastAPI:
    return create_app(settings, routers=[messages])


def main() -> None:
    settings = NotificationsSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
