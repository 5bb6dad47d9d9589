"""The page on scripting tells of the operators that there are."""

from __future__ import annotations

from pathlib import Path

from scripts.scripting_reference import replaced


def test_the_page_holds_every_operator_with_its_properties_and_defaults(repository: Path) -> None:
    page = (repository / "docs" / "scripting.md").read_text(encoding="utf-8")
    assert replaced(page) == page, "run .venv/bin/python -m scripts.scripting_reference"
