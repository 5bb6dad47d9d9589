"""What a solve costs, counted: nothing here is timed, so a busy machine changes nothing."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from benchmarks.footage import Studio
from jumps_blender.core import Upsampler
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.core.settings import PRESETS, Settings
from jumps_blender.core.weights import load_weights
from tests.benchmarks.counting import products, tallied, watched


@pytest.fixture(scope="module")
def weights():
    return load_weights()


def footage(kind, frames):
    """The bundled sample, so that the counts are the same everywhere."""
    return Studio(Path("nowhere")).film(kind, 0, frames)


def solve(upsampler, filmed, settings):
    return upsampler.upsample(filmed.positions, filmed.joints, filmed.confidence, fps=filmed.fps, settings=settings)


def networks(result):
    """How many of the refiner's are asked about each window: between exact tracks and a detector's both are."""
    return 1 + (0 < result.estimates.noise.detector < 1)


@pytest.mark.parametrize("kind", ["varied", "uniform"])
@pytest.mark.parametrize(("preset", "answers"), [("draft", 1), ("default", 2), ("best", 2)])
def test_networks_are_asked_once_for_each_window_and_frame(monkeypatch, weights, preset, answers, kind):
    upsampler, spy = watched(monkeypatch, weights)
    result = solve(upsampler, footage(kind, 690), preset)
    frames = 576  # 690 at 30 frames per second
    assert result.report.windows == len(range(0, frames - WINDOW + 1, PRESETS[preset].hop))
    assert spy.rows["screen"] == frames
    assert spy.calls["judge"] == 1
    refined = networks(result) * answers * result.report.windows if PRESETS[preset].refine else 0
    assert spy.rows["refiner"] == refined
    assert spy.rows["follower"] <= WINDOW * refined


@pytest.mark.parametrize("preset", ["default", "best"])
def test_long_clips_are_answered_many_windows_at_a_time(monkeypatch, weights, preset):
    upsampler, spy = watched(monkeypatch, weights)
    windows = solve(upsampler, footage("varied", 1400), preset).report.windows
    assert spy.calls["refiner"] <= 2 + windows / 64
    assert spy.calls["infer"] <= 8 + windows / 16


@pytest.mark.parametrize(("preset", "answers"), [("draft", 1), ("default", 2), ("best", 2)])
def test_the_gaussian_is_asked_once_for_each_answer_and_again_where_it_was_far_off(
    monkeypatch, weights, preset, answers
):
    upsampler, spy = watched(monkeypatch, weights)
    windows = solve(upsampler, footage("varied", 690), preset).report.windows
    looks = 3 * 12
    assert answers * windows + looks <= spy.rows["infer"] <= 1.5 * answers * windows + looks


@pytest.mark.parametrize(("kind", "share"), [("varied", 0.8), ("uniform", 0.25)])
def test_windows_share_their_matrices(weights, kind, share):
    upsampler = Upsampler(tallied(weights), "cpu", "numpy")
    costs = []
    for frames in (690, 2800):  # so many that one more rejected point is nothing
        products.clear()
        windows = solve(upsampler, footage(kind, frames), "default").report.windows
        costs.append((windows, products["multiply-adds"]))
    (few, little), (many, much) = costs
    # A matrix of its own for each window and for its mirror image, with 12 joints seen.
    alone = 2 * (12 * 2 * WINDOW) * 288 * 288
    assert (much - little) / (many - few) < share * alone


def test_cost_grows_with_the_clip_and_no_faster(monkeypatch, weights):
    upsampler, spy = watched(monkeypatch, weights)
    counts = []
    for frames in (690, 1380):
        spy.rows.clear()
        solve(upsampler, footage("varied", frames), "default")
        counts.append(dict(spy.rows))
    for what in ("screen", "refiner", "infer"):
        assert counts[1][what] <= 2.1 * counts[0][what]
    assert counts[1]["judge"] == counts[0]["judge"]


def test_one_moved_joint_costs_a_few_windows_however_long_the_clip_is(monkeypatch, weights):
    upsampler, spy = watched(monkeypatch, weights)
    asked = []
    for frames in (690, 1380):
        filmed = footage("varied", frames)
        result = solve(upsampler, filmed, "default")
        spy.rows.clear()
        moved = filmed.positions.copy()
        moved[300, 9] += 20.0
        upsampler.update(result, [300], moved, joint_set=filmed.joints, confidence=filmed.confidence, fps=filmed.fps)
        asked.append(spy.rows | {"windows": spy.rows["refiner"] // networks(result)})
    for rows in asked:
        assert rows["windows"] == asked[0]["windows"] <= 2 * 12
        assert rows["infer"] <= 2 * rows["windows"]
        assert rows["screen"] == asked[0]["screen"]
        assert "judge" not in rows


def test_a_stream_shows_its_first_frames_after_few_windows(monkeypatch, weights):
    upsampler, spy = watched(monkeypatch, weights)
    filmed = footage("varied", 1380)
    asked = {"joint_set": filmed.joints, "confidence": filmed.confidence, "fps": filmed.fps}
    first = next(upsampler.stream(filmed.positions, **asked))
    assert 0 < len(first.positions) < 400
    assert spy.rows["refiner"] <= 2 * 32


@pytest.mark.parametrize("engine", ["numpy", "torch"])
def test_paper_takes_its_steps_in_full_batches_and_reads_nothing_back_between(monkeypatch, weights, engine):
    if engine == "torch":
        pytest.importorskip("torch")
    upsampler, spy = watched(monkeypatch, weights, engine)
    settings = Settings("paper", invert=True, stitch="pick", steps=3, random_starts=2)
    windows = solve(upsampler, footage("uniform", 140), settings).report.windows
    together = spy.batch // 3
    batches = -(-windows // together)
    assert spy.calls["evaluate"] == spy.steps == 4 * batches
    assert spy.rows["evaluate"] == 4 * 3 * windows
    assert spy.rows["encode"] == windows
    assert spy.read_back == []


def test_memory_follows_the_clip_by_less_than_15_kilobytes_a_frame(weights):
    upsampler = Upsampler(weights, "cpu", "numpy")
    solve(upsampler, footage("varied", 100), "default")
    peaks = []
    for frames in (1500, 3000):
        filmed = footage("varied", frames)
        tracemalloc.start()
        try:
            solve(upsampler, filmed, "default")
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] - peaks[0] < 1500 * 15_000


def test_the_tally_counts_what_is_multiplied(weights):
    gaussian = tallied(weights).window
    latents = np.ones((5, gaussian.rank))
    answer = latents @ gaussian.factor.T
    assert products == {"calls": 1, "multiply-adds": 5 * 288 * 1344}
    assert np.allclose(answer, latents @ weights.window.factor.T)
