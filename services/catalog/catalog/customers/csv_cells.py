"""Cells that no spreadsheet takes for a formula (OWASP: CSV injection), and back."""

import re

HARMFUL = re.compile(r"'*[=+\-@\t\r]")
ESCAPED = re.compile(r"'+[=+\-@\t\r]")


def escape(cell: str) -> str:
    return f"'{cell}" if HARMFUL.match(cell) else cell


def unescape(cell: str) -> str:
    """Undoes `escape` exactly, also where a cell had apostrophes of its own."""
    return cell[1:] if ESCAPED.match(cell) else cell
