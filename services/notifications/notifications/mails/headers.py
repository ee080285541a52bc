"""Headers that a mail holds as they are written here.

`EmailMessage` folds what is too long for a line: an address on the web becomes encoded words, which
no mail program takes for one, and a name loses its quotes, so that each comma in it begins another
recipient.
"""

from email.header import Header
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import formataddr

from notifications.one_line import one_line

AS_WRITTEN = SMTP.clone(refold_source="none")
"""What is set by `set_raw` leaves as it is."""
LONGEST_OF_THESE = "Reply-To"
LONGEST_WORD = 74
"""Of 75 characters an encoded word may have (RFC 2047), and one that `Header` miscounts."""


def mailbox(name: str, email: str) -> str:
    shown, address = one_line(name), address_of(email)
    if shown.isascii() and "=?" not in shown:
        return formataddr((shown, address))
    # Encoded, a name holds no comma and no quote, and may be folded.
    encoded = Header(shown, "utf-8", LONGEST_WORD, LONGEST_OF_THESE).encode(linesep=SMTP.linesep)
    return f"{encoded}{SMTP.linesep} <{address}>"


def address_of(email: str) -> str:
    local, _, domain = one_line(email).rpartition("@")
    if not domain.isascii():
        domain = domain.encode("idna").decode()
    return Address(username=local, domain=domain).addr_spec
