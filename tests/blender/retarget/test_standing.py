"""Feet that are held in the performance are held on the rig: measured on its bones, on the sample and a capture."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.blender.results.locks import stored_locks
from jumps_blender.blender.retarget.source import read_performance
from jumps_blender.core.body.skeleton import INDEX, JOINTS, LIMB_JOINTS, MIRROR
from jumps_blender.core.clips.clip import PRIOR_FPS
from tests.blender.people_at_hand import import_tracks, upsample
from tests.blender.retarget.leading import bake, lead
from tests.blender.retarget.rigs_at_hand import KINDS, make_cutout, make_rig
from tests.blender.retarget.test_foreshortened import PIXELS, people

FEET = {
    "mixamo": {"ankle": ("LeftFoot", "RightFoot"), "foot": ("LeftToeBase", "RightToeBase")},
    "cut-out": {"ankle": ("foot.L", "foot.R")},
}
"""Bones whose heads are joints of the left and the right foot."""


def captured(folder: Path, where: Path) -> Path:
    """Limbs of a captured person, seen by a camera that stands still, as a file of tracks."""
    truth = people(folder / "mocap", 12)[5]
    limbs = [INDEX[joint] for joint in LIMB_JOINTS]
    seen = truth[..., [0, 2]] * (PIXELS, -PIXELS) + 600
    seen += np.random.default_rng(0).normal(0, 1.5, seen.shape)
    positions = [[pose[joint].tolist() if joint in limbs else None for joint in range(len(JOINTS))] for pose in seen]
    confidence = [[float(joint in limbs) for joint in range(len(JOINTS))]] * len(seen)
    person = {"id": "0", "positions": positions, "confidence": confidence}
    content = {
        "format": "jumps-tracks", "version": 1, "joint_set": "mpi28", "joints": list(JOINTS), "fps": PRIOR_FPS,
        "image_size": [1200, 1200], "first_frame": 0, "people": [person],
    }  # fmt: skip
    path = where / "captured.json"
    path.write_text(json.dumps(content))
    return path


def places_of(result: Any) -> np.ndarray:
    """Where the performance's feet are held, (frames, 28, 2)."""
    locks = stored_locks(result, len(read_performance(bpy.context, result).points))
    assert locks
    return locks.places


def press(result: Any, button: str) -> None:
    """Press a button of the result."""
    bpy.context.view_layer.objects.active = result
    assert getattr(bpy.ops.jumps, button)() == {"FINISHED"}


def slide(result: Any, kind: str, places: np.ndarray, **options: Any) -> float:
    """Speed in mm/s of a baked rig's feet from one frame to the next, of those that are held in one place meanwhile."""
    rig, frames = make_rig(KINDS["mixamo"], "A") if kind == "mixamo" else make_cutout(), []
    lead(result, rig, **options)
    bake()
    for frame in read_performance(bpy.context, result).frames:
        bpy.context.scene.frame_set(int(frame))
        pose = rig.evaluated_get(bpy.context.evaluated_depsgraph_get()).pose.bones
        frames.append({name: pose[name].head.copy() for pair in FEET[kind].values() for name in pair})
    bpy.data.objects.remove(rig)
    found = []
    for part, bones in FEET[kind].items():
        for side, bone in zip(("left", "right"), bones, strict=True):
            own = places[:, INDEX[f"{side}_{part}"]]
            steps = np.array([(after[bone] - before[bone]).length for before, after in pairwise(frames)])
            found.append(steps[(own[1:] == own[:-1]).all(-1)])
    return 1000 * bpy.context.scene.render.fps * float(np.mean(np.concatenate(found)))


@pytest.mark.parametrize("clip", ["sample", "capture"])
def test_feet_slide_less_on_the_rig_once_they_are_held(
    clip: str, sample: Path, repository: Path, tmp_path: Path
) -> None:
    shared = repository.parent / "shared"
    if clip == "capture":
        pytest.importorskip("scipy", reason="the trainer reads motion capture with scipy")
        if not shared.exists():
            pytest.skip("needs motion capture in ../shared/mocap")
    bpy.context.scene.render.fps = 30 if clip == "sample" else int(PRIOR_FPS)
    import_tracks(sample if clip == "sample" else captured(shared, tmp_path))
    result = upsample()
    press(result, "lock_feet")
    places = places_of(result)
    press(result, "free_feet")
    solved = {kind: slide(result, kind, places) for kind in FEET}
    press(result, "lock_feet")
    for kind in FEET:
        held = slide(result, kind, places)
        print(f"{clip}, {kind}: feet that stand slide {solved[kind]:.0f} mm/s as solved, {held:.0f} after Lock Feet")
        assert held < 0.2 * solved[kind]
    assert slide(result, "mixamo", places[:, MIRROR], mirror=True) < 0.2 * solved["mixamo"]
