from fastapi import FastAPI

from chassis.app import create_app
from chassis.server import serve
from notebook.routes import router
from notebook.settings import NotebookSettings


def create(settings: NotebookSettings) -> FastAPI:
    return create_app(settings, routers=[router])


def main() -> None:
    settings = NotebookSettings()
    serve(create(settings), settings)


if __name__ == "__main__":
    main()
