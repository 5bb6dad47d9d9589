from collections.abc import Iterator

import numpy as np
import pytest

from jumps_blender.core.body.skeleton import INDEX, JOINTS, LIMB_JOINTS
from jumps_blender.errors import InputError
from trainer.baselines.ridge import LinearMap, NormalEquations, accumulate

OBSERVED = np.isin(JOINTS, LIMB_JOINTS)


def linear_world(n: int, rng: np.random.Generator) -> np.ndarray:
    """Windows in which every joint is a fixed affine function of the 12 observed ones of its frame."""
    mixing = np.random.default_rng(5).normal(size=(28, 12)) / 4
    mixing[OBSERVED] = np.eye(12)
    return mixing @ rng.normal(size=(n, 24, 12, 2)) + 0.1 * ~OBSERVED[:, None]


def lagging_world(n: int, rng: np.random.Generator) -> np.ndarray:
    """Windows in which a hand is where its wrist was a frame ago: no single frame tells it."""
    windows = np.zeros((n, 24, 28, 2))
    windows[:, :, OBSERVED] = rng.normal(size=(n, 24, 12, 2))
    wrist = windows[:, :, INDEX["left_wrist"]]
    windows[:, 1:, INDEX["left_hand"]] = wrist[:, :-1]
    return windows


def hide(windows: np.ndarray) -> np.ndarray:
    return np.where(OBSERVED[:, None], windows, np.nan)


def fit(windows: np.ndarray, frames: int) -> NormalEquations:
    return accumulate([(hide(windows), windows)], OBSERVED, frames)


@pytest.mark.parametrize("frames", [24, 1])
@pytest.mark.parametrize("single", [False, True])
def test_a_linear_world_is_learnt_exactly(frames: int, single: bool) -> None:
    rng = np.random.default_rng(0)
    fitted = fit(linear_world(1500, rng), frames).solve(1e-9)
    fresh = linear_world(20, rng)
    np.testing.assert_allclose((fitted.single() if single else fitted)(hide(fresh)), fresh, atol=1e-4)


def test_only_the_window_knows_the_frame_before() -> None:
    rng = np.random.default_rng(0)
    windows, fresh = lagging_world(3000, rng), lagging_world(50, rng)
    window, frame = (fit(windows, each).solve(1e-6)(hide(fresh))[:, 1:, INDEX["left_hand"]] for each in (24, 1))
    truth = fresh[:, 1:, INDEX["left_hand"]]
    assert np.abs(window - truth).max() < 0.1
    assert np.abs(frame - truth).mean() > 0.5


def test_chunks_add_up_to_the_whole() -> None:
    windows = linear_world(450, np.random.default_rng(1))

    def chunks() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for part in np.split(windows, [200, 400]):
            yield hide(part), part

    parts = accumulate(chunks(), OBSERVED, 1)
    x = np.concatenate([windows[:, :, OBSERVED].reshape(-1, 24), np.ones((450 * 24, 1))], axis=1)
    np.testing.assert_allclose(parts.squares, x.T @ x / len(x), atol=1e-12)
    np.testing.assert_allclose(parts.products, x.T @ windows.reshape(-1, 56) / len(x), atol=1e-12)


def test_the_penalty_shrinks_but_spares_the_bias() -> None:
    rng = np.random.default_rng(2)
    strong: LinearMap = fit(linear_world(500, rng) + 7.0, 1).solve(1e9)
    assert np.abs(strong.weights[:-1]).max() < 1e-5
    np.testing.assert_allclose(strong.weights[-1], linear_world(4000, rng).mean((0, 1)).ravel() + 7.0, atol=0.1)


def test_nothing_observed_is_refused() -> None:
    with pytest.raises(InputError, match="0 observed joints"):
        accumulate([(np.zeros((1, 24, 28, 2)),) * 2], np.zeros(28, bool), 24)
