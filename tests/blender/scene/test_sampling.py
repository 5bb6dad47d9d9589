"""Where bones are: traced along F-curves where these alone move them, else evaluated; in slices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.blender.scene.fcurves import own_fcurves
from jumps_blender.blender.tracks import readback
from jumps_blender.blender.tracks.readback import read_armature
from tests.blender.people_at_hand import import_tracks
from tests.blender.snapshot import snapshot


def _bend(_ob: Any, fcurve: Any) -> None:
    for point in fcurve.keyframe_points:
        point.interpolation = "BEZIER"


def _swing(_ob: Any, fcurve: Any) -> None:
    fcurve.modifiers.new("NOISE")


def _mute(_ob: Any, fcurve: Any) -> None:
    fcurve.mute = True


def _mute_group(_ob: Any, fcurve: Any) -> None:
    fcurve.group.mute = True


def _fade(ob: Any, _fcurve: Any) -> None:
    ob.animation_data.action_influence = 0.5


def _turn_rest(ob: Any, _fcurve: Any) -> None:
    bpy.ops.object.mode_set(mode="EDIT")
    bone = ob.data.edit_bones["left_wrist"]
    bone.tail, bone.roll = (0.3, 0.2, 0.5), 0.7
    bpy.ops.object.mode_set(mode="OBJECT")


@pytest.mark.parametrize("change", [_bend, _swing, _mute, _mute_group, _fade, _turn_rest])
def test_tracing_finds_what_evaluating_finds(walk_file: Path, change: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    source = import_tracks(walk_file)
    for fcurve in [fcurve for fcurve in own_fcurves(source) if "left_wrist" in fcurve.data_path]:
        change(source, fcurve)
    traced = read_armature(bpy.context, source).tracks.positions
    monkeypatch.setattr(readback, "acts_alone", lambda _ob: False)
    np.testing.assert_allclose(traced, read_armature(bpy.context, source).tracks.positions, atol=0.01)


@pytest.mark.parametrize("how", ["traced", "evaluated"])
def test_frames_are_read_in_slices(walk_file: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = import_tracks(walk_file)
    whole = read_armature(bpy.context, source)
    if how == "evaluated":
        monkeypatch.setattr(readback, "acts_alone", lambda _ob: False)
    before, found = snapshot(), []

    def watched() -> Iterator[None]:
        found.append((yield from readback.reading(bpy.context, lambda: bpy.data.objects["walk"], seconds=0.0)))

    pauses = [snapshot() for _ in watched()]
    assert len(pauses) >= 11
    assert all(pause == before for pause in pauses)
    np.testing.assert_allclose(found[0].record.tracks.positions, whole.tracks.positions, atol=1e-3)
