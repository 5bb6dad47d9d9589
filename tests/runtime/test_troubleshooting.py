"""The page on troubleshooting quotes messages as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def said(repository: Path) -> str:
    """All texts of the code, those that go over several lines joined."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in (repository / "jumps_blender").rglob("*.py"))
    return re.sub(r'"\s*\n\s*f?"', "", code)


def quoted(page: str) -> list[str]:
    """The messages and buttons of the first column."""
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| *")]
    return [message for row in rows for message in re.findall(r"\*([^*]+)\*", row)]


def test_every_message_of_the_page_is_one_of_ours(repository: Path, said: str) -> None:
    messages = quoted((repository / "docs" / "troubleshooting.md").read_text(encoding="utf-8"))
    assert len(messages) >= 10
    for message in messages:
        for piece in filter(None, (piece.strip() for piece in message.split("..."))):
            assert piece in said, f"{message!r}: nowhere is said {piece!r}"
