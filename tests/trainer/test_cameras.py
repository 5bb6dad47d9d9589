"""What random cameras see: a pinhole's picture of the person, upright, of the size that the distance says."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core.skeleton import INDEX, JOINTS, MIRROR, PARENTS
from trainer.cameras import Cameras, mirror, project, see, vary_bones

PELVIS = INDEX["pelvis"]


def fixed(pitch: float = 0.0, distance: float = 4.0, **more: float) -> Cameras:
    """Only the yaw is left to chance."""
    plain = {"roll": 0.0, "mirror": 0.0, "bones": 0.0} | more
    return Cameras((pitch, pitch), (distance, distance), **plain)


@pytest.fixture
def motion(walk: Callable[[int, int], np.ndarray]) -> np.ndarray:
    return np.stack([walk(24, seed) for seed in range(4)]).astype(float)


def pinhole(points: np.ndarray, eye: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Points (..., 3) through a camera of focal length 1 at `eye` that looks at `target`, no roll; y down."""
    forward = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross(forward, [0, 0, 1.0])
    right /= np.linalg.norm(right)
    up = np.cross(right, forward)
    seen = points - eye
    return np.stack([seen @ right, -(seen @ up)], -1) / (seen @ forward)[..., None]


@pytest.mark.parametrize(("pitch", "distance"), [(0.0, 4.0), (30.0, 2.5), (-10.0, 8.0)])
def test_the_picture_is_that_of_a_pinhole(motion: np.ndarray, pitch: float, distance: float) -> None:
    seen, _ = project(motion, np.random.default_rng(3), fixed(pitch, distance))
    yaw, p = np.random.default_rng(3).uniform(0, 2 * np.pi, len(motion)), np.radians(pitch)
    for window, picture, angle in zip(motion, seen, yaw, strict=True):
        target = window[:, PELVIS].mean(0)
        backwards = np.array([-np.cos(angle) * np.cos(p), -np.sin(angle) * np.cos(p), np.sin(p)])
        np.testing.assert_allclose(picture, pinhole(window, target + distance * backwards, target), atol=1e-9)


def test_y_points_down_and_x_to_the_right() -> None:
    body = np.zeros((1, 1, len(JOINTS), 3))
    body[..., 2] = 1.0
    body[:, :, INDEX["head_top"], 2], body[:, :, INDEX["left_toe"], 2] = 1.8, 0.0
    body[:, :, INDEX["left_wrist"], 0], body[:, :, INDEX["right_wrist"], 0] = -0.5, 0.5
    # Seen from behind, left is left: find a window whose camera looks along +y, as the person does.
    n = 200
    seen, _ = project(np.repeat(body, n, 0), np.random.default_rng(0), fixed())
    yaw = np.random.default_rng(0).uniform(0, 2 * np.pi, n)
    behind = int(np.abs(yaw - np.pi / 2).argmin())
    assert seen[behind, 0, INDEX["head_top"], 1] < 0 < seen[behind, 0, INDEX["left_toe"], 1]
    assert seen[behind, 0, INDEX["left_wrist"], 0] < 0 < seen[behind, 0, INDEX["right_wrist"], 0]


def test_people_stand_upright_from_every_side(motion: np.ndarray) -> None:
    seen, _ = project(np.repeat(motion, 20, 0), np.random.default_rng(1))
    height = seen[:, :, INDEX["left_ankle"], 1] - seen[:, :, INDEX["head_top"], 1]
    assert (height > 0).all()


def test_the_head_is_225_millimetres_at_the_pelvis(motion: np.ndarray) -> None:
    still = np.repeat(motion[:, :1], 24, 1)
    _, heads = project(still, np.random.default_rng(2), fixed(distance=5.0))
    np.testing.assert_allclose(heads, 0.225 / 5.0)
    _, heads = project(motion, np.random.default_rng(2), fixed(distance=5.0))
    forward = np.random.default_rng(2).uniform(0, 2 * np.pi, len(motion))
    path = motion[:, :, PELVIS] - motion[:, :, PELVIS].mean(1, keepdims=True)
    depth = 5.0 + path[..., 0] * np.cos(forward)[:, None] + path[..., 1] * np.sin(forward)[:, None]
    np.testing.assert_allclose(heads, 0.225 / depth)


def test_nobody_comes_nearer_than_a_metre(motion: np.ndarray) -> None:
    sprint = motion.copy()
    sprint[..., 1] += np.linspace(-6, 6, 24)[:, None]
    seen, heads = project(np.repeat(sprint, 10, 0), np.random.default_rng(4), fixed(distance=2.5))
    assert np.isfinite(seen).all()
    assert heads.max() == pytest.approx(0.225)


def test_a_mirror_swaps_the_sides(motion: np.ndarray) -> None:
    plain, _ = project(motion, np.random.default_rng(5), fixed(mirror=0.0))
    mirrored, _ = project(motion, np.random.default_rng(5), fixed(mirror=1.0))
    np.testing.assert_array_equal(mirrored[..., INDEX["left_wrist"], 0], -plain[..., INDEX["right_wrist"], 0])
    np.testing.assert_array_equal(mirrored[..., INDEX["right_knee"], 1], plain[..., INDEX["left_knee"], 1])
    np.testing.assert_array_equal(mirrored[..., INDEX["head"], :], plain[..., INDEX["head"], :] * [-1, 1])
    np.testing.assert_array_equal(mirror(mirrored), plain)


def test_roll_turns_the_picture_about_its_centre(motion: np.ndarray) -> None:
    still, _ = project(motion, np.random.default_rng(6), fixed())
    rolled, _ = project(motion, np.random.default_rng(6), fixed(roll=10.0))
    np.testing.assert_allclose(np.linalg.norm(rolled, axis=-1), np.linalg.norm(still, axis=-1), atol=1e-9)
    assert not np.allclose(rolled, still, atol=1e-3)


@pytest.mark.parametrize(("pitch", "distance"), [(0.0, 4.0), (30.0, 2.5)])
def test_depth_and_positions_share_a_scale(motion: np.ndarray, pitch: float, distance: float) -> None:
    view = see(motion, np.random.default_rng(8), fixed(pitch, distance))
    # Undo the perspective by the depth: what is left is the body, turned and scaled, in every frame.
    flat = view.positions * (1 + view.depth[..., None])
    body = np.concatenate([flat, view.depth[..., None]], -1) * (0.225 / view.heads)[..., None, None]
    np.testing.assert_allclose(lengths(body), lengths(motion), atol=1e-9)
    np.testing.assert_array_equal(view.depth[:, :, PELVIS], 0)


def test_what_is_nearer_has_less_depth(motion: np.ndarray) -> None:
    view = see(motion, np.random.default_rng(9), fixed(0.0, 4.0))
    yaw = np.random.default_rng(9).uniform(0, 2 * np.pi, len(motion))
    ahead = np.einsum("nfja,na->nfj", motion[..., :2], np.stack([np.cos(yaw), np.sin(yaw)], -1))
    metres = view.depth * (0.225 / view.heads)[..., None]
    np.testing.assert_allclose(metres, ahead - ahead[:, :, PELVIS, None], atol=1e-9)


def test_depth_is_the_same_in_a_mirror_but_for_the_names(motion: np.ndarray) -> None:
    plain, mirrored = (see(motion, np.random.default_rng(5), fixed(mirror=m, bones=0.06)) for m in (0.0, 1.0))
    np.testing.assert_allclose(mirrored.depth, plain.depth[..., MIRROR], atol=1e-12)
    np.testing.assert_allclose(mirrored.positions, mirror(plain.positions), atol=1e-12)


def lengths(motion: np.ndarray) -> np.ndarray:
    """Bone lengths (n, frames, 27), without the root, and each joint's place in them."""
    return np.linalg.norm(motion - motion[:, :, PARENTS], axis=-1)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 0.2))
def test_other_bodies_have_two_equal_sides(walk: Callable[[int, int], np.ndarray], seed: int, spread: float) -> None:
    motion = np.stack([walk(6, 1), walk(6, 2)]).astype(float)
    bones = [j for j, parent in enumerate(PARENTS) if parent >= 0]
    changed = vary_bones(motion, spread, np.random.default_rng(seed))
    factor = (lengths(changed) / np.where(lengths(motion) > 0, lengths(motion), 1))[..., bones]
    np.testing.assert_allclose(factor, factor[:, :1].repeat(6, 1), rtol=1e-6)  # the same in every frame
    sides = lengths(changed) / np.maximum(lengths(motion), 1e-9)
    np.testing.assert_allclose(sides[..., bones], sides[..., MIRROR][..., bones], rtol=1e-6)
    assert factor.min() >= 0.8 - 1e-9
    assert factor.max() <= 1.25 + 1e-9
    np.testing.assert_array_equal(changed[:, :, PELVIS], motion[:, :, PELVIS])


def test_other_bodies_are_as_large_on_average(walk: Callable[[int, int], np.ndarray]) -> None:
    motion = np.repeat(walk(1, 0)[None].astype(float), 4000, 0)
    changed = vary_bones(motion, 0.06, np.random.default_rng(0))
    bones = [j for j, parent in enumerate(PARENTS) if parent >= 0]
    factor = (lengths(changed) / np.maximum(lengths(motion), 1e-9))[..., bones]
    np.testing.assert_allclose(factor.mean(axis=(0, 1)), 1.0, atol=0.01)
    np.testing.assert_allclose(factor.std(axis=(0, 1)), 0.06, atol=0.005)


def test_a_seed_repeats(motion: np.ndarray) -> None:
    first, again, other = (project(motion, np.random.default_rng(seed)) for seed in (7, 7, 8))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.allclose(first[0], other[0])
