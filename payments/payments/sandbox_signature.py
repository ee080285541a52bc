"""How the sandbox signs what it sends: as Stripe does, time and body under one secret."""

import hashlib
import hmac
import re
import time

HEADER = "sandbox-signature"
TOLERANCE_SECONDS = 300
FORM = re.compile(r"t=(?P<time>[0-9]{1,12}),v1=(?P<digest>[0-9a-f]{64})")


def sign(body: bytes, secret: str, at: float | None = None) -> str:
    """The value of the header. Its time is real time, since it guards against replays."""
    seconds = int(time.time() if at is None else at)
    return f"t={seconds},v1={digest(body, secret, seconds)}"


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    found = FORM.fullmatch(signature)
    if found is None or abs(time.time() - int(found["time"])) > TOLERANCE_SECONDS:
        return False
    return hmac.compare_digest(digest(body, secret, int(found["time"])), found["digest"])


def digest(body: bytes, secret: str, seconds: int) -> str:
    signed = b"%d.%s" % (seconds, body)
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
