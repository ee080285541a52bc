import re


def natural_order(label: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts `R2` before `R10`, and as people read: without regard to case."""
    parts = re.findall(r"[0-9]+|[^0-9]+", label.casefold())
    return tuple(
        (0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part) for part in parts
    )
