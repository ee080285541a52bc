"""What a delivery status notification says (RFC 3464), read as what a stranger has written."""

import re
from email import message_from_bytes
from email.message import Message

from notifications.one_line import one_line

MOST_BOUNDARIES = 20
"""Of parts within parts: reading one takes as many looks at each line."""
LONGEST_REASON = 300
PERMANENT = re.compile(r"5\.\d{1,3}\.\d{1,3}")
NOT_ITS_FAULT = re.compile(r"5\.[67]\.")
"""What is refused for what it says, or by whom, has found somebody there (RFC 3463)."""


class NotAReport(Exception):
    """Nothing that could be understood as one."""


def why_bounced(content: bytes) -> str | None:
    """None where nothing is final: it is delayed, delivered, or put off for too long.

    Raises NotAReport. Whoever the report says that it is about is not believed.
    """
    for recipient in recipients_in(content):
        status = one_line(str(recipient.get("Status", ""))).partition(" ")[0]
        action = str(recipient.get("Action", "")).strip().lower()
        is_final = PERMANENT.fullmatch(status) and not NOT_ITS_FAULT.match(status)
        if action == "failed" and is_final:
            said = one_line(str(recipient.get("Diagnostic-Code", "")))
            return f"{status} {said}".strip()[:LONGEST_REASON]
    return None


def recipients_in(content: bytes) -> list[Message]:
    if content.lower().count(b"boundary") > MOST_BOUNDARIES:
        raise NotAReport
    try:
        mail = message_from_bytes(content)
        told = str(mail.get_param("report-type", "")).lower()
        if mail.get_content_type() != "multipart/report" or told != "delivery-status":
            raise NotAReport
        parts = mail.get_payload()
        blocks = [blocks_of(part) for part in parts if isinstance(part, Message)]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise NotAReport from error
    # The first block is about the report itself.
    recipients = [block for found in blocks for block in found[1:]]
    if not any("Status" in block for block in recipients):
        raise NotAReport
    return recipients


def blocks_of(part: Message) -> list[Message]:
    blocks = part.get_payload()
    if part.get_content_type() != "message/delivery-status" or not isinstance(blocks, list):
        return []
    return [block for block in blocks if isinstance(block, Message)]
