"""How far, and how fast, limbs of a rig twist about their own length."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from tests.blender.people_at_hand import import_tracks, upsample
from tests.blender.retarget.leading import bake, lead
from tests.blender.retarget.rigs_at_hand import KINDS, make_rig

FRAMES = range(1, 227)

SOMERSAULT = slice(155, 190)
"""Steps between frames in which the legs are hardly seen, and a guess."""


def twists(rig: Any, bone: str) -> np.ndarray:
    """Degrees (frames,) that a bone is turned about its own length, from its rest."""
    found = []
    for frame in FRAMES:
        bpy.context.scene.frame_set(frame)
        turned = rig.pose.bones[bone].matrix_basis.to_quaternion()
        found.append(2 * np.degrees(np.arctan2(turned.y, turned.w)))
    return (np.array(found) + 180) % 360 - 180


@pytest.mark.parametrize(("bone", "farthest"), [("UpLeg", 75), ("Arm", 135)])
def test_limbs_twist_no_farther_than_a_body_can(bone: str, farthest: float, sample: Path) -> None:
    """Half a turn is the same either way: a rig that shares the twist along a limb would turn it round in a frame."""
    bpy.context.scene.render.fps = 30
    import_tracks(sample)
    result, rig = upsample(), make_rig(KINDS["mixamo"])
    lead(result, rig)
    bake()
    for side in ("Left", "Right"):
        twist = twists(rig, f"{side}{bone}")
        print(
            f"{side}{bone}: {twist.min():.0f} to {twist.max():.0f} degrees, {np.abs(np.diff(twist)).max():.0f} a frame"
        )
        assert np.percentile(np.abs(twist), 98) < farthest + 1, "but for the somersault, where thighs are a guess"
        assert np.delete(np.abs(np.diff(twist)), SOMERSAULT).max() < 180, "it never comes out on the other side"
