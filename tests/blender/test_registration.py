"""The add-on comes and goes without a trace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import addon_utils
import bpy
import pytest

import jumps_blender
from jumps_blender.ui import registration
from jumps_blender.ui.preferences import ADDON
from tests.blender.people_at_hand import import_tracks, upsample


def known() -> tuple[bool, ...]:
    menu = [function.__name__ for function in bpy.types.TOPBAR_MT_file_import.draw._draw_funcs]
    return (
        "import_tracks" in dir(bpy.ops.jumps),
        hasattr(bpy.types, "JUMPS_PT_upsample"),
        hasattr(bpy.types.Scene, "jumps"),
        menu.count("draw_menu") == 1,
    )


def test_it_is_all_there() -> None:
    assert known() == (True,) * 4
    assert bpy.context.scene.jumps.settings == "default"


def test_it_is_all_gone_after_disabling_and_back_after_enabling() -> None:
    addon_utils.disable("jumps_blender", default_set=True)
    assert known() == (False,) * 4
    addon_utils.enable("jumps_blender", default_set=True)
    assert known() == (True,) * 4


def test_half_a_registration_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    addon_utils.disable("jumps_blender", default_set=True)

    def fail() -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(registration, "add_properties", fail)
    with pytest.raises(RuntimeError, match="no"):
        registration.register()
    assert known() == (False,) * 4
    monkeypatch.undo()


def test_preferences_have_sane_defaults() -> None:
    import sys

    preferences = bpy.context.preferences.addons[ADDON].preferences
    assert ADDON == "jumps_blender"
    assert preferences.interpreter == sys.executable
    assert preferences.device == "auto"


def test_a_script_may_register_it_without_preferences(walk_file: Path, stand_in: Callable[[str], Path]) -> None:
    addon_utils.disable("jumps_blender", default_set=True)
    stand_in("pass")
    jumps_blender.register()
    try:
        import_tracks(walk_file)
        assert upsample()
    finally:
        jumps_blender.unregister()
