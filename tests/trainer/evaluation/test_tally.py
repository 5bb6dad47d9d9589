"""Every measure against an independent calculation."""

from __future__ import annotations

import numpy as np
import pytest

from jumps_blender.core import metrics
from jumps_blender.core.body.skeleton import INDEX, JOINTS, LIMB_JOINTS, PARENTS
from trainer.evaluation.scenes import Scene
from trainer.evaluation.tally import GROUPS, RATES, Tally, tally

SHOWN = np.isin(JOINTS, LIMB_JOINTS)


def scene(frames: int, seed: int = 0, clip: str = "clip") -> Scene:
    rng = np.random.default_rng(seed)
    positions = 200 * rng.normal(size=(1, 28, 2)) + np.cumsum(4 * rng.normal(size=(frames, 28, 2)), 0)
    heads = rng.uniform(35, 45, frames)
    return Scene(clip, "one", positions, heads, np.zeros((frames, 28)), 225 / heads, subject="someone")


def case(frames: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, Scene]:
    truth = scene(frames, seed)
    rng = np.random.default_rng(seed + 100)
    result = truth.positions + 12 * rng.normal(size=truth.positions.shape)
    tracks = np.where(SHOWN[:, None], truth.positions, np.nan)
    tracks[5:12, INDEX["left_wrist"]] = np.nan
    return result, tracks, truth


def measures(found: Tally, group: str) -> dict[str, float]:
    pooled = found.of(group)
    return {name: float(value) for name, value in pooled.pooled(np.ones(len(pooled.sums))).measures().items()}


@pytest.fixture
def cases() -> list[tuple[np.ndarray, np.ndarray, Scene]]:
    return [case(60), case(31, 1)]


@pytest.fixture
def found(cases: list[tuple[np.ndarray, np.ndarray, Scene]]) -> Tally:
    results, tracks, scenes = (list(parts) for parts in zip(*cases, strict=True))
    return tally(results, tracks, scenes, SHOWN, 12)


@pytest.mark.parametrize("group", ["all", "observed", "missing", "hidden"])
def test_shares_and_errors_are_those_of_the_groups_points(
    cases: list[tuple[np.ndarray, np.ndarray, Scene]], found: Tally, group: str
) -> None:
    errors = []
    for result, tracks, truth in cases:
        distance = np.hypot(*np.moveaxis(result - truth.positions, -1, 0)) / truth.head_size[:, None]
        seen = ~np.isnan(tracks[..., 0])
        errors.append(
            distance[{"all": seen | True, "observed": seen, "missing": ~seen, "hidden": ~seen & SHOWN}[group]]
        )
    errors = np.concatenate(errors)
    got = measures(found, group)
    assert got["pckh_01"] == pytest.approx((errors < 0.1).mean())
    assert got["pckh_05"] == pytest.approx((errors < 0.5).mean())
    assert got["pckh_10"] == pytest.approx((errors < 1.0).mean())
    assert got["auc"] == pytest.approx(metrics.auc(errors))
    assert got["mpjpe"] == pytest.approx(errors.mean())


def test_rates_are_the_cores(cases: list[tuple[np.ndarray, np.ndarray, Scene]]) -> None:
    result, tracks, truth = cases[0]
    got = measures(tally([result], [tracks], [truth], SHOWN, 12), "all")
    three = (result, truth.positions, truth.head_size)
    assert got["mpjve"] == pytest.approx(metrics.mpjve(*three))
    assert got["acceleration_error"] == pytest.approx(metrics.acceleration_error(*three))
    assert got["jitter"] == pytest.approx(metrics.jitter(result, truth.head_size))
    assert got["jitter_of_truth"] == pytest.approx(metrics.jitter(truth.positions, truth.head_size))


def test_bones_are_compared_by_their_direction(cases: list[tuple[np.ndarray, np.ndarray, Scene]]) -> None:
    _, tracks, truth = cases[0]
    turn = np.radians(20)
    turned = truth.positions @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    assert measures(tally([1.7 * turned + 30], [tracks], [truth], SHOWN, 12), "all")["bone_angle"] == pytest.approx(20)


def test_bones_that_point_at_the_camera_are_left_out() -> None:
    result, tracks, truth = case(30)
    foot, toe = INDEX["left_foot"], INDEX["left_toe"]
    assert PARENTS[toe] == foot
    result[:] = truth.positions
    truth.positions[:, toe] = truth.positions[:, foot] + [1.0, 0.0]
    result[:, foot] = truth.positions[:, foot]
    result[:, toe] = truth.positions[:, foot] - [1.0, 0.0]
    assert measures(tally([result], [tracks], [truth], SHOWN, 12), "all")["bone_angle"] == pytest.approx(0, abs=1e-6)


def test_the_fastest_frames_are_judged_apart() -> None:
    truth = scene(100)
    truth.positions[:] = truth.positions[0]
    truth.positions[40:45] += np.arange(5)[:, None, None] * 50.0  # runs in frames 41 to 44, and back in 45
    truth.positions[45:] += 0
    result = truth.positions.copy()
    result[41:46] += [0.0, 30.0]
    tracks = np.where(SHOWN[:, None], truth.positions, np.nan)
    got = measures(tally([result], [tracks], [truth], SHOWN, 12), "all")
    assert got["fast_mpjpe"] == pytest.approx((30 / truth.head_size[41:46]).mean())


@pytest.mark.parametrize(("hop", "edges"), [(24, [24, 48, 72]), (12, [12, 24, 36, 48, 60, 72, 84])])
def test_seams_are_where_windows_begin_and_end(hop: int, edges: list[int]) -> None:
    truth = scene(96)
    rng = np.random.default_rng(0)
    result = truth.positions + 0.5 * rng.normal(size=truth.positions.shape)
    for edge in edges:
        result[edge:] += rng.normal(size=(1, 28, 2)) * 20
    tracks = np.where(SHOWN[:, None], truth.positions, np.nan)
    got = measures(tally([result], [tracks], [truth], SHOWN, hop), "all")["seam_ratio"]
    error = np.linalg.norm(np.diff(result - truth.positions, 2, axis=0), axis=-1) / truth.head_size[2:, None]
    border = np.isin(np.arange(2, 96), [frame for edge in edges for frame in (edge, edge + 1)])
    assert got == pytest.approx(error[border].mean() / error[~border].mean())
    assert got > 4


def test_errors_are_told_by_place_in_the_window() -> None:
    truth = scene(60)
    result = truth.positions.copy()
    result[[0, 24, 36]] += [0.0, 10.0]  # windows begin at 0, 24 and, flush with the end, 36
    result[35] += [0.0, 20.0]
    tracks = np.where(SHOWN[:, None], truth.positions, np.nan)
    pooled = tally([result], [tracks], [truth], SHOWN, 24).of("all")
    places = Tally(pooled.sums[0], pooled.counts[0]).places()
    assert places[0] == pytest.approx((10 / truth.head_size[[0, 24, 36]]).mean())
    assert places[11] == pytest.approx(20 / truth.head_size[35] / 3)
    assert places[[1, 10, 12, 23]] == pytest.approx(0)


def test_what_is_added_up_is_what_is_pooled(cases: list[tuple[np.ndarray, np.ndarray, Scene]], found: Tally) -> None:
    one, two = (tally([r], [t], [s], SHOWN, 12) for r, t, s in cases)
    for group in GROUPS:
        sums = one.of(group).sums[0] + 2 * two.of(group).sums[0]
        pooled = found.of(group).pooled(np.array([1.0, 2.0])).sums
        fast = 101 + RATES.index("fast")  # which frames are fast depends on all scenes
        np.testing.assert_allclose(np.delete(pooled, fast), np.delete(sums, fast))


def test_joints_without_an_answer_or_truth_are_not_judged() -> None:
    result, tracks, truth = case(30)
    truth.positions[:, INDEX["spine"]] = np.nan
    result[:, INDEX["head"]] = np.nan
    got = measures(tally([result], [tracks], [truth], SHOWN, 12), "missing")
    whole = measures(tally([case(30)[0]], [tracks], [case(30)[2]], SHOWN, 12), "missing")
    assert np.isfinite(got["mpjpe"])
    assert got["mpjpe"] == pytest.approx(whole["mpjpe"], rel=0.1)
