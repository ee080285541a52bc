"""One source of words for a mail's text and its HTML, so that both say the same.

A template is text. What its author begins a line with says what the line is:

    # a heading          | label | value       > label | address of a button
    - one of a list      ~ small print         ~> label | address of a link in small print

Lines without such a mark are paragraphs, which an empty line or a marked one ends. Marks become
control characters when a template is loaded, before any fact is in it: facts hold none
(`one_line`), so nothing that people typed can be taken for a mark.
"""

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from jinja2 import Environment, FileSystemLoader

WIDTH = 78
CELL = "\x1f"
BlockKind = Literal["paragraph", "heading", "row", "button", "item", "small", "small_link"]
MARKS: dict[str, tuple[str, BlockKind]] = {
    "#": ("\x01", "heading"),
    "|": ("\x02", "row"),
    ">": ("\x03", "button"),
    "-": ("\x04", "item"),
    "~": ("\x05", "small"),
    "~>": ("\x06", "small_link"),
}
KINDS = dict(MARKS.values())
MARKED_LINE = re.compile(r"^(~>|[#|>~-]) +(.*)$", re.MULTILINE)
WITH_CELLS = ("|", ">", "~>")


@dataclass(frozen=True)
class Block:
    kind: BlockKind
    text: str
    value: str = ""
    """Of a row, or the address of a button or link."""


class MarkedTemplates(FileSystemLoader):
    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        source, name, is_current = super().get_source(environment, template)
        return MARKED_LINE.sub(with_control_characters, source), name, is_current


def with_control_characters(line: re.Match[str]) -> str:
    mark, rest = line.groups()
    if mark in WITH_CELLS:
        rest = rest.replace(" | ", CELL, 1)
    return MARKS[mark][0] + rest


def blocks_of(rendered: str) -> list[Block]:
    blocks, lines = list[Block](), list[str]()
    for line in [*rendered.split("\n"), ""]:
        kind = KINDS.get(line[:1])
        if (kind or not line.strip()) and lines:
            blocks.append(Block("paragraph", " ".join(lines)))
            lines = []
        if kind:
            text, _, value = line[1:].partition(CELL)
            blocks.append(Block(kind, text.strip(), value.strip()))
        elif line.strip():
            lines.append(line.strip())
    return blocks


def as_text(blocks: list[Block]) -> str:
    return "\n\n".join(part for part in parts_of(blocks)) + "\n"


def parts_of(blocks: list[Block]) -> Iterator[str]:
    """Rows and items stand together, all else by itself."""
    for kind, alike in groupby(blocks, key=lambda block: block.kind):
        group = list(alike)
        if kind == "row":
            width = max(len(row.text) for row in group) + 1
            yield "\n".join(f"{row.text + ':':{width}} {row.value}" for row in group)
        elif kind == "item":
            yield "\n".join(wrapped(f"- {item.text}", indent="  ") for item in group)
        else:
            yield from (as_lines(block) for block in group)


def as_lines(block: Block) -> str:
    if block.value:
        return f"{block.text}: {block.value}"
    return wrapped(block.text)


def wrapped(text: str, indent: str = "") -> str:
    """Addresses stay whole, or nobody could open them."""
    return textwrap.fill(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
