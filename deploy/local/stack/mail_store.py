"""The mails of the local mailbox: one file each, in a Maildir."""

import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Entry:
    id: str
    message_id: str
    recipients: tuple[str, ...]

    @property
    def received_at(self) -> datetime:
        return datetime.fromtimestamp(int(self.id.partition("-")[0]) / 1e9, UTC)


class MailStore:
    """Keeps what it is given, twice if given twice: hiding duplicates would prove nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._entries = [self._read(path) for path in sorted((folder / "new").iterdir())]

    def keep(self, sender: str, recipients: list[str], content: bytes) -> None:
        """Returns only when the mail would survive a power cut."""
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        envelope = [f"Return-Path: <{sender}>", *(f"Delivered-To: {one}" for one in recipients)]
        draft = self._folder / "tmp" / name
        with draft.open("xb") as file:
            file.write("".join(f"{line}\r\n" for line in envelope).encode() + content)
            file.flush()
            os.fsync(file.fileno())
        kept = draft.rename(self._folder / "new" / name)
        _sync_folder(kept.parent)
        self._entries.append(self._read(kept))

    def newest_first(self, message_id: str | None = None, to: str | None = None) -> list[Entry]:
        return [
            entry
            for entry in reversed(self._entries)
            if (message_id is None or _bare(entry.message_id) == _bare(message_id))
            and (to is None or to.casefold() in entry.recipients)
        ]

    def find(self, mail_id: str) -> Entry | None:
        return next((entry for entry in self._entries if entry.id == mail_id), None)

    def message(self, entry: Entry) -> EmailMessage:
        return _parse((self._folder / "new" / entry.id).read_bytes())

    def empty(self) -> None:
        for entry in self._entries:
            (self._folder / "new" / entry.id).unlink(missing_ok=True)
        _sync_folder(self._folder / "new")
        self._entries.clear()

    def _read(self, path: Path) -> Entry:
        # Of a long queue of mails nobody reads the bodies.
        parser = BytesHeaderParser(EmailMessage, policy=policy.default)
        message = parser.parsebytes(path.read_bytes())
        recipients = tuple(str(one).casefold() for one in message.get_all("Delivered-To", []))
        return Entry(path.name, str(message["Message-ID"] or ""), recipients)


def described(entry: Entry, message: EmailMessage) -> dict[str, Any]:
    return {
        "id": entry.id,
        "message_id": entry.message_id,
        "from": str(message["From"] or ""),
        "to": list(entry.recipients),
        "subject": str(message["Subject"] or ""),
        "received_at": entry.received_at.isoformat(),
        "text": _body(message, "plain"),
        "html": _body(message, "html"),
        "attachments": list(_attachments(message)),
        "headers": {name: str(value) for name, value in message.items()},
    }


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    return None if part is None else str(part.get_content())


def _attachments(message: EmailMessage) -> Iterator[dict[str, Any]]:
    """Every part that is not the text to read, so a calendar part beside it counts as one."""
    bodies = (message.get_body(("plain",)), message.get_body(("html",)))
    for part in message.walk():
        if part.is_multipart() or part in bodies:
            continue
        is_text = part.get_content_maintype() == "text"
        yield {
            "filename": part.get_filename(),
            "content_type": part["Content-Type"] and str(part["Content-Type"]),
            "text": str(part.get_content()) if is_text else None,
        }


def _parse(content: bytes) -> EmailMessage:
    return message_from_bytes(content, EmailMessage, policy=policy.default)


def _bare(message_id: str) -> str:
    return message_id.strip().removeprefix("<").removesuffix(">")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
