"""What random cameras see: a pinhole's picture of the person, upright, of the size that the distance says."""

from collections.abc import Callable

import numpy as np
import pytest

from jumps_blender.core.body.skeleton import INDEX, JOINTS, MIRROR, PARENTS
from trainer.bodies import mirror
from trainer.cameras import Cameras, project, see

PELVIS = INDEX["pelvis"]


def fixed(pitch: float = 0.0, distance: float = 4.0, **more: float) -> Cameras:
    """Only the yaw is left to chance."""
    plain = {"roll": 0.0, "mirror": 0.0, "bones": 0.0, "shape": 0.0} | more
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


def moving(motion: np.ndarray, **options: float) -> tuple[np.ndarray, np.ndarray]:
    """Pelvis positions (n, frames, 2) on a tripod, and of a camera with the options; the same view else."""
    views = [see(motion, np.random.default_rng(11), fixed(**more)) for more in ({}, options)]
    first, second = (view.positions[:, :, PELVIS] for view in views)
    return first, second


def test_a_hand_held_camera_sways_smoothly(motion: np.ndarray) -> None:
    many = np.repeat(motion, 50, 0)
    still, swayed = moving(many, sway=1.0)
    shift = np.degrees(np.arctan(swayed) - np.arctan(still))
    np.testing.assert_allclose(np.sqrt((shift**2).mean((0, 1))), 1.0, rtol=0.15)
    # At 1.5 Hz and 25 frames per second a step is at most 0.38 of the wave.
    assert np.sqrt((np.diff(shift, axis=1) ** 2).mean()) < 0.3


def test_a_camera_that_follows_keeps_the_person_in_place(motion: np.ndarray) -> None:
    sprint = motion.copy()
    sprint[..., 0] += np.linspace(-2, 2, 24)[:, None]
    still, followed = moving(np.repeat(sprint, 20, 0), follow=1.0)
    assert np.ptp(followed, axis=1).mean() < 0.15 * np.ptp(still, axis=1).mean()


def test_somebody_aside_of_the_middle_is_seen_in_perspective(motion: np.ndarray) -> None:
    one = np.repeat(motion[:1], 400, 0)
    _, beside = moving(one, aside=10.0)
    off = np.degrees(np.arctan(beside.mean(1)))
    np.testing.assert_allclose(off.std(0), 10.0, rtol=0.15)
    view = see(one, np.random.default_rng(11), fixed(aside=10.0))
    # The picture is still a pinhole's: without perspective the bones have their lengths.
    body = np.concatenate([view.positions * (1 + view.depth[..., None]), 1 + view.depth[..., None]], -1)
    np.testing.assert_allclose(lengths(body * (0.225 / view.heads)[..., None, None]), lengths(one), atol=1e-9)


@pytest.mark.parametrize("options", [{"sway": 2.0}, {"follow": 0.5}, {"aside": 8.0}, {"shape": 1.0}])
def test_options_of_cameras_leave_numbers_finite_and_in_single_precision(
    motion: np.ndarray, options: dict[str, float]
) -> None:
    view = see(motion.astype(np.float32), np.random.default_rng(12), fixed(mirror=0.5, **options))
    for array in (view.positions, view.depth, view.heads):
        assert np.isfinite(array).all()
        assert array.dtype == np.float32


def test_a_seed_repeats(motion: np.ndarray) -> None:
    first, again, other = (project(motion, np.random.default_rng(seed)) for seed in (7, 7, 8))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.allclose(first[0], other[0])
