from fastapi import FastAPI

from chassis.app import create_app
from chassis.server import serve
from chassis.worker import loops_of
from notebook.requests import REQUESTS
from notebook.settings import NotebookSettings
from notebook.subscriptions import SUBSCRIPTIONS


def create(settings: NotebookSettings) -> FastAPI:
    return create_app(settings, loops=loops_of(SUBSCRIPTIONS, REQUESTS))


def main() -> None:
    settings = NotebookSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
