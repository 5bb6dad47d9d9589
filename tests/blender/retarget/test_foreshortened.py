"""What is missing of a limb's length is depth: held against motion capture that nobody was trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jumps_blender.blender.retarget.foreshortened import with_missing_depth
from jumps_blender.core import Upsampler
from jumps_blender.core.body.skeleton import INDEX, LIMB_JOINTS
from jumps_blender.core.clips.clip import PRIOR_FPS
from tests.blender.retarget.rigs_at_hand import degrees_apart

PIXELS = 200.0
"""Of a metre."""

SEGMENTS = [
    (f"{side}_{start}", f"{side}_{end}")
    for side in ("left", "right")
    for start, end in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
]


def people(folder: Path, count: int) -> list[np.ndarray]:
    """Held-out clips (frames, 28, 3), x to the right, y away, z up, each seen from another side."""
    from trainer.data.harmonise import harmonise
    from trainer.data.manifest import read_manifest
    from trainer.data.readers import read_motions
    from trainer.data.skeleton_map import read_skeleton_maps

    entries = [
        entry
        for entry in read_manifest(folder)
        if entry.split == "test" and entry.frames > 150 and entry.archive == "cmu_bvh_daz.tar.xz"
    ]
    maps, found = read_skeleton_maps(folder / "skeletons.json"), []
    for turn, (entry, motion) in enumerate(read_motions(folder, entries[:: len(entries) // count][:count])):
        cos, sin = np.cos(2.4 * turn), np.sin(2.4 * turn)
        around = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
        found.append(harmonise(entry, motion, maps, PRIOR_FPS).positions[:240] @ around.T)
    return found


def test_short_limbs_come_nearer_to_the_truth(repository: Path) -> None:
    folder = repository.parent / "shared" / "mocap"
    if not folder.exists():
        pytest.skip("needs motion capture in ../shared/mocap")
    pytest.importorskip("scipy", reason="the trainer reads motion capture with scipy")
    upsampler, rng = Upsampler.load(engine="numpy"), np.random.default_rng(0)
    before, after, touched = [], [], []
    for truth in people(folder, 12):
        picture = truth[:, [INDEX[joint] for joint in LIMB_JOINTS]][..., [0, 2]] * (PIXELS, -PIXELS) + 600
        seen = picture + rng.normal(0, 1.5, picture.shape)
        result = upsampler.upsample(seen, joint_set=list(LIMB_JOINTS), fps=PRIOR_FPS, settings="default")
        assert result.depth is not None
        points = np.stack([result.positions[..., 0], result.depth, -result.positions[..., 1]], -1)
        for start, end in SEGMENTS:
            told, real = (each[:, INDEX[end]] - each[:, INDEX[start]] for each in (points, truth))
            mended = with_missing_depth(told)
            short = (mended != told).any(-1)
            before.append(degrees_apart(told, real)[short])
            after.append(degrees_apart(mended, real)[short])
            touched.append(short.mean())
    was, now = (np.concatenate(each) for each in (before, after))
    print(f"{np.mean(touched):.1%} of limbs: {was.mean():.1f} degrees off before, {now.mean():.1f} after")
    assert now.mean() < 0.8 * was.mean()
    assert np.median(now) < 0.5 * np.median(was)
