"""Everything that is known of a client, as files that programs and people can read."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from portal.bookings.calendar_text import calendar


def archive(
    parts: Mapping[str, BaseModel | Sequence[BaseModel]], events: Sequence[str], made_at: datetime
) -> bytes:
    """One JSON file a part, and `bookings.ics`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(file(f"{name}.json", made_at), readable(part))
        packed.writestr(file("bookings.ics", made_at), calendar(events))
    return buffer.getvalue()


def file(name: str, made_at: datetime) -> zipfile.ZipInfo:
    moment = (*made_at.timetuple()[:5], made_at.second)
    info = zipfile.ZipInfo(name, moment)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def readable(part: BaseModel | Sequence[BaseModel]) -> str:
    plain: Any = (
        part.model_dump(mode="json")
        if isinstance(part, BaseModel)
        else [one.model_dump(mode="json") for one in part]
    )
    return json.dumps(plain, indent=1, ensure_ascii=False)
