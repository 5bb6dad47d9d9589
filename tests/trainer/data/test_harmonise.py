from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumps_blender.core.body.skeleton import INDEX, JOINTS
from jumps_blender.errors import FormatError, InputError
from trainer.data.harmonise import harmonise, resample
from trainer.data.manifest import ClipEntry
from trainer.data.motion import Motion
from trainer.data.skeleton_map import SkeletonMap, Term

ONE_POINT = {"rod": SkeletonMap("rod", tuple((Term("tip", 1.0),) for _ in JOINTS))}


def entry(frames: int = 31, **changes: Any) -> ClipEntry:
    base: dict[str, Any] = {
        "id": "rod/1", "member": "1.bvh", "source": "rod", "subject": "r1", "skeleton": "rod", "split": "train",
        "licence": "CC0-1.0", "fps": 30.0, "unit_in_metres": 0.01, "up": "y", "frames": frames,
    }  # fmt: skip
    return ClipEntry(**base | changes)


def walk(frames: int = 31) -> Motion:
    """A point 170 cm above a floor with y up, walking along z at 3 cm per frame."""
    t = np.arange(frames, dtype=float)
    positions = np.stack([0 * t, 0 * t + 170, 3 * t], axis=-1)[:, None]
    return Motion(("skeleton:tip",), positions, np.tile(np.eye(3), (frames, 1, 1, 1)), 30.0)


def test_a_clip_becomes_metres_with_z_up_at_25_fps() -> None:
    clip = harmonise(entry(), walk(), ONE_POINT, 25.0)
    assert clip.positions.shape == (26, 28, 3)
    assert clip.positions.dtype == np.float32
    np.testing.assert_allclose(clip.positions[:, 0, 2], 1.7, atol=1e-6)
    np.testing.assert_allclose(clip.positions[:, 0, 1], -0.9 * np.arange(26) / 25, atol=1e-6)


def test_the_rest_pose_before_the_first_frame_is_dropped() -> None:
    motion = walk(32)
    motion.positions[0] = 999.0
    clip = harmonise(entry(32, first_frame=1), motion, ONE_POINT, 25.0)
    assert len(clip.positions) == 26
    assert np.abs(clip.positions).max() < 2


def test_a_glitch_is_bridged_and_marked() -> None:
    motion = walk()
    motion.positions[12:15] = 5000.0
    clip = harmonise(entry(glitches=((12, 14),)), motion, ONE_POINT, 25.0)
    times = np.arange(26) * 30 / 25
    np.testing.assert_array_equal(clip.valid, (times <= 11 + 1e-9) | (times >= 15 - 1e-9))
    np.testing.assert_allclose(clip.positions[:, 0, 1], -0.9 * np.arange(26) / 25, atol=1e-5)


def test_an_offset_turns_with_its_joint() -> None:
    terms = (Term("tip", 2.0, (0.0, 10.0, 0.0)), Term("tip", -1.0))
    skeleton = {"rod": SkeletonMap("rod", (terms,) * len(JOINTS))}
    motion = walk()
    assert motion.rotations is not None
    motion.rotations[:] = [[0, -1, 0], [1, 0, 0], [0, 0, 1]]  # y turns into -x
    clip = harmonise(entry(), motion, skeleton, 30.0)
    np.testing.assert_allclose(clip.positions[0, 0], [-0.2, 0.0, 1.7], atol=1e-6)


def test_another_number_of_frames_than_promised_is_refused() -> None:
    with pytest.raises(FormatError, match="rod/1 has 31 frames, the manifest says 30"):
        harmonise(entry(30), walk(), ONE_POINT, 25.0)


def test_a_skeleton_without_the_joint_is_told() -> None:
    skeleton = {"rod": SkeletonMap("rod", ((Term("Hips", 1.0),),) * len(JOINTS))}
    with pytest.raises(InputError, match="rod/1: no joint Hips; expected a skeleton of type rod"):
        harmonise(entry(), walk(), skeleton, 25.0)


def test_a_clip_that_is_all_glitch_is_refused() -> None:
    with pytest.raises(FormatError, match="rod/1 has 0 usable frames"):
        harmonise(entry(glitches=((0, 30),)), walk(), ONE_POINT, 25.0)


@given(st.integers(2, 90), st.sampled_from([24.0, 25.0, 30.0, 60.0, 120.0]), st.sampled_from([25.0, 30.0, 50.0]))
def test_resampling_keeps_a_parabola_and_the_duration(frames: int, fps: float, to_fps: float) -> None:
    seconds = np.arange(frames) / fps
    path = np.stack([seconds, seconds**2, 0 * seconds], axis=-1)[:, None]
    out, valid = resample(path, np.ones(frames, bool), fps, to_fps)
    new = np.arange(len(out)) / to_fps
    assert valid.all()
    assert seconds[-1] - 1 / to_fps < new[-1] + 1e-6 <= seconds[-1] + 2e-6
    if frames > 3:
        np.testing.assert_allclose(out[:, 0, 1], new**2, atol=1e-6)


def test_lost_markers_do_not_spoil_a_clip(markers_of_a_person: Callable[[int], Motion]) -> None:
    motion = markers_of_a_person(40)
    motion.positions[3:5, [motion.names.index("LASI"), motion.names.index("RASI")]] = 0
    person = entry(40, skeleton="pig39", unit_in_metres=0.0001, up="z", fps=25.0)
    clip = harmonise(person, motion, {}, 25.0)
    assert np.isfinite(clip.positions).all()
    np.testing.assert_array_equal(np.flatnonzero(~clip.valid), [3, 4])


def test_joints_lie_between_the_markers_of_a_standing_person(markers_of_a_person: Callable[[int], Motion]) -> None:
    person = entry(40, skeleton="pig39", unit_in_metres=0.0001, up="z", fps=25.0)
    joints = harmonise(person, markers_of_a_person(40), {}, 25.0).positions[0]
    at = {name: joints[INDEX[name]] for name in JOINTS}
    heights = [at[name][2] for name in ("pelvis", "spine", "spine2", "spine3", "spine4", "neck", "head", "head_top")]
    assert heights == sorted(heights)
    assert at["left_hip"][1] > 0 > at["right_hip"][1]
    np.testing.assert_allclose(at["left_knee"], [0, 0.15 - 0.055, 0.5], atol=0.02)
    np.testing.assert_allclose(at["left_knee"] * [1, -1, 1], at["right_knee"], atol=1e-6)
    assert at["left_toe"][0] > at["left_foot"][0] > at["left_ankle"][0]
