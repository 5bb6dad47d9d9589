"""The add-on speaks the languages of the files that somebody puts into the user's folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import addon_utils
import bpy
import pytest

from jumps_blender.ui.addon import user_folder
from jumps_blender.ui.translations import FOLDER, catalogs
from scripts.translation_template import texts


@pytest.fixture
def folder() -> Iterator[Path]:
    path = user_folder() / FOLDER
    path.mkdir(parents=True)
    yield path
    for file in path.iterdir():
        file.unlink()
    path.rmdir()


def test_the_template_holds_names_tooltips_choices_and_what_is_drawn() -> None:
    found = texts()
    for text in (
        "Upsample Skeleton",
        "Around each joint",
        "Balanced",
        "Select an armature, or import one",
        "JUMPS works",
    ):
        assert any(text in known for known in found), text
    assert set(found.values()) == {""}


def test_a_language_is_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "de_DE.json").write_text(json.dumps({"Upsample Skeleton": "Skelett ergänzen", "Cancel": ""}))
    found = catalogs(folder)
    assert found == {
        "de_DE": {
            ("*", "Upsample Skeleton"): "Skelett ergänzen",
            ("Operator", "Upsample Skeleton"): "Skelett ergänzen",
        }
    }
    addon_utils.disable("jumps_blender", default_set=True)
    addon_utils.enable("jumps_blender", default_set=True)
    assert hasattr(bpy.types, "JUMPS_PT_upsample"), "Blender takes it"


@pytest.mark.parametrize("content", ["{", "[]", '"text"'])
def test_a_damaged_file_is_told_of_and_stops_nothing(folder: Path, content: str, capfd: Any) -> None:
    (folder / "fr_FR.json").write_text(content)
    assert "fr_FR" not in catalogs(folder)
    assert "fr_FR.json cannot be read" in capfd.readouterr().out
