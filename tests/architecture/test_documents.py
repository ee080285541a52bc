"""Pages that say what the code says are held to it."""

import ast
import re
import runpy
from pathlib import Path
from typing import Any

from chassis.__main__ import OperatorSettings
from gateway.settings import GatewaySettings

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def test_events_page_is_current() -> None:
    written = runpy.run_path(str(ROOT / "docs" / "events.py"))["page"]()
    command = "python docs/events.py > docs/events.md"
    assert (ROOT / "docs" / "events.md").read_text() == written, f"Run: {command}"


def test_operations_name_every_variable_and_no_other(services: dict[str, Any]) -> None:
    settings = [service.settings_type for service in services.values()]
    read = {
        f"BOOKLY_{field.upper()}"
        for type_ in (*settings, GatewaySettings, OperatorSettings)
        for field in type_.model_fields
    }
    assert set(re.findall(r"BOOKLY_[A-Z_]+", OPERATIONS)) == read


def test_operations_name_every_failpoint() -> None:
    patterns = ("chassis/chassis/*.py", "payments/payments/*.py", "services/*/*/**/*.py")
    places = [place for pattern in patterns for place in ROOT.glob(pattern)]
    reached = {
        str(node.args[0].value)
        for place in places
        for node in ast.walk(ast.parse(place.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
        and ast.unparse(node.func).rpartition(".")[2] in ("reach", "reach_sync")
        and isinstance(node.args[0], ast.Constant)
    }
    assert {name for name in reached if f"| `{name}` |" not in OPERATIONS} == set()
    assert len(reached) == 12


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("services/*/*.md")]
    assert [
        f"{page.relative_to(ROOT)}: {link}"
        for page in pages
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
        if not (page.parent / link).exists()
    ] == []
