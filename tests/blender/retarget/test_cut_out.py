"""A performance on a 2D cut-out: its bones stay in their plane, turn, stretch, and say who is in front."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from jumps_blender.blender.retarget.parts import segments
from jumps_blender.blender.scene.actions import key_frames
from jumps_blender.core.body.skeleton import INDEX, MIRROR
from jumps_blender.ui.rig_properties import rig_map
from tests.blender.retarget.leading import FRAMES, bake, lead, settings
from tests.blender.retarget.rigs_at_hand import (
    degrees_apart,
    lengths_and_directions,
    make_cutout,
    make_result,
)

PLANES = {
    "front": Matrix.Identity(3), "table": Matrix.Rotation(-np.pi / 2, 3, "X"),
    "side": Matrix.Rotation(np.pi / 2, 3, "Z"), "aslant": Matrix.Rotation(0.5, 3, "Z"),
}  # fmt: skip


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("way", ["turn", "stretch", "mirror"])
def test_a_cut_out_moves_in_its_plane(plane: str, way: str, points: np.ndarray) -> None:
    rig = make_cutout(PLANES[plane])
    lead(make_result(points), rig, stretch=way == "stretch", mirror=way == "mirror")
    expected = points[:, MIRROR] * (-1, 1, 1) if way == "mirror" else points
    check_cutout(rig, PLANES[plane], expected, way == "stretch")
    bake()
    check_cutout(rig, PLANES[plane], expected, way == "stretch")


def check_cutout(rig: Any, plane: Matrix, points: np.ndarray, stretched: bool) -> None:
    mapped = rig_map(settings()).bones
    shown = lengths_and_directions(rig, FRAMES)
    for part in segments(mapped):
        bone = mapped[part.joint]
        vectors = shown[bone] @ np.array(plane)
        seen = (points[:, INDEX[part.end]] - points[:, INDEX[part.joint]]) * (1, 0, 1)
        length = np.linalg.norm(seen, axis=-1)
        clear = length > 0.15 * length.max()
        assert degrees_apart(vectors, seen)[clear].max() < 0.1, bone
        assert np.abs(vectors[:, 1]).max() < 1e-4
        ratio = np.linalg.norm(vectors, axis=-1) / rig.data.bones[bone].length
        whole = np.median(np.linalg.norm(points[:, INDEX[part.end]] - points[:, INDEX[part.joint]], axis=-1))
        np.testing.assert_allclose(ratio, np.clip(length / whole, 0.05, 1.5) if stretched else 1, atol=0.01)


def test_a_short_limb_makes_what_hangs_on_it_no_wider(points: np.ndarray) -> None:
    rig = make_cutout()
    points[8:12, INDEX["left_elbow"]] = points[8:12, INDEX["left_shoulder"]] + (0.01, 0.25, 0.01)
    lead(make_result(points), rig, stretch=True)
    bake()
    for frame in FRAMES:
        bpy.context.scene.frame_set(frame)
        for bone in rig.pose.bones:
            assert bone.matrix.to_3x3().col[0].length == pytest.approx(1, abs=0.01), (frame, bone.name)


def test_each_bone_of_a_cut_out_stretches_or_only_turns(points: np.ndarray) -> None:
    rig = make_cutout()
    settings().target = rig
    for line in settings().bones:
        line.stretch = "right" not in line.joint
    lead(make_result(points), rig, stretch=True)
    bake()
    keys = key_frames(rig)
    shown = lengths_and_directions(rig, FRAMES)
    ratio = {bone: np.linalg.norm(shown[bone], axis=-1) / rig.data.bones[bone].length for bone in keys}
    np.testing.assert_allclose(ratio["forearm.R"], 1, atol=0.01)
    assert np.ptp(ratio["forearm.L"]) > 0.1


def test_layers_tell_which_limb_is_in_front_also_where_arms_cross(points: np.ndarray) -> None:
    rig = make_cutout()
    left, right = (
        [INDEX[f"{side}_{joint}"] for joint in ("shoulder", "elbow", "wrist", "hand")] for side in ("left", "right")
    )
    points[:, left, 1], points[:10, right, 1], points[10:, right, 1] = -0.5, -0.8, 0.8
    points[15:, left, 1] = 0.5
    lead(make_result(points), rig, layers=True)
    bake()
    found = []
    for frame in (2, 12, 19):
        bpy.context.scene.frame_set(frame)
        found.append([rig.pose.bones[bone]["jumps_layer"] for bone in ("forearm.L", "forearm.R", "torso")])
    both, apart, behind = found
    assert both[1] > both[0] > both[2] == 0
    assert apart[0] > apart[2] > apart[1]
    assert behind[2] > behind[0] > behind[1]
