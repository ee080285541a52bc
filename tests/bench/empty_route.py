"""As little as our kind of server can do: one route, nothing in it, nothing behind it."""

from fastapi import FastAPI

from chassis.server import serve
from chassis.settings import ProcessSettings

app = FastAPI()


@app.get("/")
async def read_nothing() -> dict[str, str]:
    return {}


@app.get("/readyz")
async def ready() -> dict[str, str]:
    return {}


def main() -> None:
    serve(app, ProcessSettings(service="empty"))


if __name__ == "__main__":
    main()
