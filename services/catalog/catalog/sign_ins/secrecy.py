from fastapi import Response


def never_stored(response: Response) -> None:
    """Credentials are kept nowhere on their way, our idempotency keys included (RFC 6749, 5.1)."""
    response.headers["Cache-Control"] = "no-store"
