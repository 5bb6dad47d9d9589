import numpy as np
import pytest

from jumps_blender.core.skeleton import INDEX, JOINTS, LIMB_JOINTS
from jumps_blender.errors import InputError
from trainer.baselines.linear import accumulate, choose

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


@pytest.mark.parametrize("frames", [24, 1])
def test_a_linear_world_is_learnt_exactly(frames: int) -> None:
    rng = np.random.default_rng(0)
    (equations,) = accumulate(lambda n: linear_world(n, rng), 1500, OBSERVED, (frames,))
    fresh = linear_world(20, rng)
    fitted = choose(equations, fresh)
    np.testing.assert_allclose(fitted.predict(hide(fresh)), fresh, atol=1e-4)


def test_only_the_window_knows_the_frame_before() -> None:
    rng = np.random.default_rng(0)
    both = accumulate(lambda n: lagging_world(n, rng), 3000, OBSERVED, (24, 1))
    fresh = lagging_world(50, rng)
    window, frame = (choose(each, fresh).predict(hide(fresh))[:, 1:, INDEX["left_hand"]] for each in both)
    truth = fresh[:, 1:, INDEX["left_hand"]]
    assert np.abs(window - truth).max() < 0.1
    assert np.abs(frame - truth).mean() > 0.5


def test_chunks_add_up_to_the_whole() -> None:
    windows = linear_world(4500, np.random.default_rng(1))
    handed_out = iter(np.split(windows, [2000, 4000]))
    (equations,) = accumulate(lambda n: next(handed_out)[:n], 4500, OBSERVED, (1,))
    x = np.concatenate([windows[:, :, OBSERVED].reshape(-1, 24), np.ones((4500 * 24, 1))], axis=1)
    np.testing.assert_allclose(equations.squares, x.T @ x / len(x), atol=1e-12)
    np.testing.assert_allclose(equations.products, x.T @ windows.reshape(-1, 56) / len(x), atol=1e-12)


def test_the_penalty_shrinks_but_spares_the_bias() -> None:
    rng = np.random.default_rng(2)
    (equations,) = accumulate(lambda n: linear_world(n, rng) + 7.0, 500, OBSERVED, (1,))
    strong = equations.solve(1e9)
    assert np.abs(strong.weights[:-1]).max() < 1e-5
    np.testing.assert_allclose(strong.weights[-1], linear_world(4000, rng).mean((0, 1)).ravel() + 7.0, atol=0.1)


def test_noise_asks_for_a_stronger_penalty() -> None:
    rng = np.random.default_rng(3)
    (equations,) = accumulate(lambda n: rng.normal(size=(n, 24, 28, 2)), 30, OBSERVED, (24,))
    fresh = rng.normal(size=(30, 24, 28, 2))
    fresh[:, :, OBSERVED] *= 5
    assert choose(equations, fresh, (1e-8, 1e2)).ridge == 1e2


def test_nothing_observed_is_refused() -> None:
    with pytest.raises(InputError, match="0 observed joints"):
        accumulate(lambda n: np.zeros((n, 24, 28, 2)), 10, np.zeros(28, bool), (24,))
