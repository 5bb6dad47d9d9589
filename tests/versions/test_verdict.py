"""What `make test-all` says of a run: a log tells more than an exit status."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.versions import __main__ as versions
from tests.versions.__main__ import FAILED, NOT_INSTALLED, PASSED, Outcome

WHOLE = 'about {"blender": "4.2.23"}\nSTATUS Installed "jumps"\nWarning: 12 points cannot be right\nInfo: Made walk\n'


def test_a_whole_log_is_no_complaint() -> None:
    assert versions.why_failed(0, WHOLE) == ""


@pytest.mark.parametrize(
    "line",
    [
        "Traceback (most recent call last):",
        "RuntimeError: class is not registered",
        "Error: Not freed memory blocks: 3",
        "A module compiled with NumPy 1.x: AttributeError: _ARRAY_API not found",
        "DeprecationWarning: it goes away",
    ],
)
def test_a_complaint_fails_the_run_though_blender_ends_with_0(line: str) -> None:
    assert versions.why_failed(0, f"{WHOLE}{line}\n{WHOLE}").startswith("status 0, yet the log says: ")


def test_a_crash_tells_its_last_words() -> None:
    assert versions.why_failed(-11, f"{WHOLE}Segmentation fault\n") == "exit status -11: Segmentation fault"
    assert "not done after" in versions.why_failed(None, WHOLE)


@pytest.mark.parametrize(
    ("statuses", "status"),
    [([PASSED, PASSED], 0), ([PASSED, FAILED, NOT_INSTALLED], 1), ([PASSED, NOT_INSTALLED], 3)],
)
def test_the_exit_status_tells_of_every_version(statuses: list[str], status: int) -> None:
    assert versions.exit_status([Outcome("4.2", one) for one in statuses]) == status


def test_what_cannot_be_installed_is_in_the_table_with_its_reason(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("scripts", "requirements"):
        (tmp_path / folder).symlink_to(repository / folder)
    monkeypatch.setattr(versions, "REPOSITORY", tmp_path)
    monkeypatch.setitem(versions.PYTHONS, "5.2", "3.99")
    outcome = versions.go_through("5.2", Path("jumps.zip"), suite=False)
    assert outcome.status == NOT_INSTALLED
    assert "built for Python 3.99 only" in versions.table([outcome])
    assert not (tmp_path / ".venv-bpy-5.2").exists()


def test_the_oldest_is_that_of_the_manifest_and_each_has_its_pins(repository: Path) -> None:
    manifest = tomllib.loads((repository / "blender_manifest.toml").read_text(encoding="utf-8"))
    assert manifest["blender_version_min"].rpartition(".")[0] == min(versions.PYTHONS)
    pinned = {path.stem.removeprefix("bpy-") for path in (repository / "requirements").glob("bpy-*.txt")}
    assert pinned == set(versions.PYTHONS)
