"""What is drawn to train on: whole windows of single clips, at varied speeds, within what the networks represent."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core.body.normalise import body_scale, centre
from jumps_blender.core.body.skeleton import INDEX, LIMB_JOINTS
from jumps_blender.errors import InputError
from trainer.cameras import see
from trainer.data.dataset import Clip, load_dataset
from trainer.sampling import PAPER, VARIANTS, Augmentation, Sampler, draw_mask

MakeClip = Callable[..., Clip]


def numbered(clips: list[tuple[int, list[int]]]) -> list[Clip]:
    """Clips whose x tells the clip and whose y tells the frame; `bad` frames are NaN."""
    out = []
    for number, (frames, bad) in enumerate(clips):
        valid = np.ones(frames, bool)
        valid[[frame for frame in bad if frame < frames]] = False
        positions = np.zeros((frames, 28, 3), np.float32)
        positions[..., 0], positions[..., 1] = number, np.arange(frames)[:, None]
        positions[~valid] = np.nan
        out.append(Clip(f"{number}", "s", "s", "train", "CC0-1.0", "", positions, 25.0, valid))
    return out


lists_of_clips = st.lists(
    st.tuples(st.integers(5, 90), st.lists(st.integers(0, 89), max_size=3)), min_size=1, max_size=5
)


@settings(max_examples=60, deadline=None)
@given(lists_of_clips, st.sampled_from([(1.0, 1.0), (0.8, 1.25), (1.5, 2.0)]), st.integers(0, 999))
def test_windows_never_cross_clips_or_bad_frames(
    clips: list[tuple[int, list[int]]], speed: tuple[float, float], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    try:
        sampler = Sampler(numbered(clips), Augmentation(speed=speed), rng)
    except InputError:
        return
    windows = sampler.draw_motion(40)
    assert np.isfinite(windows).all()
    number, frame = windows[..., 0, 0], windows[..., 0, 1]
    np.testing.assert_allclose(number, number[:, :1].repeat(24, 1), atol=1e-5)
    steps = np.diff(frame, axis=1)
    np.testing.assert_allclose(steps, steps[:, :1].repeat(23, 1), atol=1e-4)
    assert (steps >= speed[0] - 1e-4).all()
    assert (steps <= speed[1] + 1e-4).all()


def test_a_longer_stretch_holds_the_window_in_its_middle() -> None:
    clips = numbered([(90, [50]), (40, [])])
    short, long = (
        Sampler(clips, Augmentation(), np.random.default_rng(6)).draw_motion(50, frames) for frames in (24, 71)
    )
    np.testing.assert_allclose(long[:, 23:47], short, atol=1e-5)
    assert long.shape == (50, 71, 28, 3)


def test_time_runs_back_where_the_clip_ends() -> None:
    long = Sampler(numbered([(100, [60])]), PAPER, np.random.default_rng(0)).draw_motion(300, 200)[..., 0, 1]
    steps = np.abs(np.diff(long, axis=1))
    np.testing.assert_allclose(steps, 1)
    assert sorted(set(long.ravel())) == [frame for frame in range(100) if frame != 60]
    assert ((long < 60).all(1) | (long > 60).all(1)).all()


def test_depth_positions_and_heads_are_in_the_same_units(prepared: Path) -> None:
    clips = load_dataset(prepared, "train")
    view = Sampler(clips, Augmentation(), np.random.default_rng(0)).look(40, 48)
    again = Sampler(clips, Augmentation(), np.random.default_rng(0))
    raw = see(again.draw_motion(40, 48), again.rng, again.augmentation.cameras)
    scale = (raw.heads / view.heads)[..., None]
    np.testing.assert_allclose(scale, scale[:, :1].repeat(48, 1), rtol=1e-5)
    np.testing.assert_allclose(view.depth * scale, raw.depth, atol=1e-6)
    pelvis = INDEX["pelvis"]
    np.testing.assert_allclose(
        (view.positions - view.positions[:, :1, pelvis, None]) * scale[..., None],
        raw.positions - raw.positions[:, :1, pelvis, None],
        atol=1e-6,
    )
    assert view.depth.dtype == view.positions.dtype == view.heads.dtype == np.float32


def test_windows_begin_between_frames_too() -> None:
    sampler = Sampler(numbered([(60, [])]), replace(PAPER, phase=True), np.random.default_rng(0))
    windows = sampler.draw_motion(400)[..., 0, 1]
    np.testing.assert_allclose(np.diff(windows, axis=1), 1, atol=1e-4)  # a cubic keeps what is straight
    phases = windows[:, 0] % 1
    assert np.histogram(phases, 4, (0, 1))[0].min() > 60
    assert windows.min() >= 0
    assert windows.max() <= 59


def test_a_cubic_follows_a_swing_closer_than_a_line() -> None:
    frames = np.arange(80)
    (clip,) = numbered([(80, [])])
    clip.positions[:, 0, 2] = np.sin(0.8 * frames)
    windows = Sampler([clip], replace(PAPER, phase=True), np.random.default_rng(0)).draw_motion(200)
    error = np.abs(windows[:, :, 0, 2] - np.sin(0.8 * windows[:, :, 0, 1]))[:, 1:-1]
    assert error.max() < 0.03  # a line is off by 0.08 half way


def test_recombined_windows_are_drawn(make_clip: MakeClip) -> None:
    clips = [make_clip("anna"), make_clip("bert"), make_clip("carl")]
    plain, mixed = (
        Sampler(clips, replace(PAPER, recombine=share), np.random.default_rng(0)).draw_motion(60)
        for share in (0.0, 1.0)
    )
    legs = [INDEX["left_knee"], INDEX["right_toe"]]
    np.testing.assert_array_equal(plain[:, :, legs], mixed[:, :, legs])
    assert (plain != mixed).any((1, 2, 3)).mean() > 0.3


def test_every_window_of_a_clip_is_drawn() -> None:
    sampler = Sampler(numbered([(40, [])]), PAPER, np.random.default_rng(0))
    starts = sampler.draw_motion(500)[:, 0, 0, 1]
    assert sorted(set(starts)) == list(range(40 - 24 + 1))


def test_speeds_differ_between_windows() -> None:
    sampler = Sampler(numbered([(400, [])]), Augmentation(speed=(0.8, 1.25)), np.random.default_rng(0))
    steps = np.diff(sampler.draw_motion(300)[..., 0, 1], axis=1).mean(1)
    assert steps.min() < 0.85
    assert steps.max() > 1.2


@pytest.mark.parametrize("fps", [8.0, 12.5, 24.0, 25.0])
def test_fewer_frames_per_second_are_farther_apart(fps: float) -> None:
    sampler = Sampler(numbered([(400, [])]), PAPER, np.random.default_rng(0))
    steps = np.abs(np.diff(sampler.draw_motion(100, fps=fps)[..., 0, 1], axis=1))
    assert np.median(steps) == pytest.approx(25 / fps, rel=1e-4)


def test_clips_too_short_for_a_window_are_refused() -> None:
    with pytest.raises(InputError, match="No valid stretch of 30 frames in 2 clips; expected longer clips"):
        Sampler(numbered([(29, []), (50, [25])]), Augmentation(), np.random.default_rng(0))


def test_narrow_sources_are_drawn_less_often(make_clip: MakeClip) -> None:
    clips = [make_clip("ann"), make_clip("ben", source="uiprmd"), make_clip("cid", source="cmu", subject="cmu60")]
    for clip, x in zip(clips, (0, 1, 2), strict=True):
        clip.positions[..., 0] = x
    sampler = Sampler(clips, PAPER, np.random.default_rng(0))
    shares = np.bincount(sampler.draw_motion(6000)[:, 0, 0, 0].astype(int)) / 6000
    np.testing.assert_allclose(shares, np.array([1, 0.3, 0.5]) / 1.8, atol=0.02)


def test_windows_are_centred_and_of_unit_body_scale(prepared: Path) -> None:
    positions, heads = Sampler(load_dataset(prepared, "train"), PAPER, np.random.default_rng(0)).draw(50)
    assert positions.shape == (50, 24, 28, 2)
    assert heads.shape == (50, 24)
    np.testing.assert_allclose(body_scale(positions), 1, atol=1e-5)
    np.testing.assert_allclose(centre(positions, np.ones(50)), 0, atol=1e-5)


def test_a_head_is_about_a_sixth_of_the_body_scale(prepared: Path) -> None:
    _, heads = Sampler(load_dataset(prepared, "train"), PAPER, np.random.default_rng(0)).draw(200)
    assert 0.15 < np.median(heads) < 0.2


@pytest.mark.parametrize("name", VARIANTS)
def test_nearly_all_coordinates_can_be_generated(prepared: Path, name: str) -> None:
    positions, _ = Sampler(load_dataset(prepared, "train"), VARIANTS[name], np.random.default_rng(1)).draw(1000)
    assert (np.abs(positions) <= 1).mean() > 0.999


@pytest.mark.parametrize("augmentation", [PAPER, Augmentation()], ids=["paper", "varied"])
def test_nearly_all_coordinates_of_real_people_can_be_generated(
    real_clips: list[Clip], augmentation: Augmentation
) -> None:
    positions, _ = Sampler(real_clips, augmentation, np.random.default_rng(1)).draw(2000)
    assert (np.abs(positions) <= 1).mean() > 0.999


@pytest.fixture(scope="module")
def real_clips(shared: Path) -> list[Clip]:
    """The captured clips that are read fastest: jumps, waves, dances."""
    from trainer.data.harmonise import harmonise
    from trainer.data.manifest import read_manifest
    from trainer.data.readers import read_motions
    from trainer.data.skeleton_map import read_skeleton_maps

    folder = shared / "mocap"
    if not folder.is_dir():
        pytest.skip("needs the folder 'shared/mocap' beside the checkout, which is not there")
    entries = [entry for entry in read_manifest(folder) if entry.source in ("fair", "cmu_bvh_fbx")]
    maps = read_skeleton_maps(folder / "skeletons.json")
    motions = read_motions(folder, entries)
    return [harmonise(entry, motion, maps, 25.0) for entry, motion in motions]


def test_a_seed_repeats(prepared: Path) -> None:
    clips = load_dataset(prepared, "train")
    first, again, other = (Sampler(clips, Augmentation(), np.random.default_rng(s)).draw(8)[0] for s in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_masks_are_mostly_the_12_joints_and_always_enough() -> None:
    rng = np.random.default_rng(0)
    masks = np.array([draw_mask(rng) for _ in range(400)])
    limbs = np.isin(np.arange(28), [INDEX[name] for name in LIMB_JOINTS])
    assert 0.4 < (masks == limbs).all(1).mean() < 0.6
    assert masks.sum(1).min() >= 6
    assert len(np.unique(masks, axis=0)) > 80
