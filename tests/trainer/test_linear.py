"""The linear part of the prior: moments of windows, kept as they ship."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jumps_blender.errors import InputError
from trainer.data.dataset import load_dataset
from trainer.linear import PLACE, Linear, fit_linear, load_linear, save_linear
from trainer.sampling import Augmentation, Sampler


@pytest.fixture(scope="module")
def sampler(prepared: Path) -> Sampler:
    return Sampler(load_dataset(prepared, "train"), Augmentation(), np.random.default_rng(3))


@pytest.fixture(scope="module")
def linear(prior: Path) -> Linear:
    return load_linear(prior / "linear.npz")


def test_it_knows_mean_and_size_of_what_it_was_fitted_to(linear: Linear, sampler: Sampler) -> None:
    view = sampler.look(500)
    windows, depth = view.positions.reshape(500, -1), view.depth.reshape(500, -1)
    spread = windows.std(0).mean()
    assert np.abs(linear.mean - windows.mean(0)).mean() < 0.15 * spread
    variance = (linear.factor**2).sum(1) + linear.noise - PLACE**2
    assert np.sqrt(variance.mean()) == pytest.approx(np.sqrt(windows.var(0).mean()), rel=0.15)
    assert np.abs(linear.depth_mean - depth.mean(0)).mean() < 0.3 * depth.std(0).mean()


def test_depths_are_sums_of_few_components(linear: Linear, sampler: Sampler) -> None:
    depth = sampler.look(200).depth.reshape(200, -1) - linear.depth_mean
    inside = depth @ np.linalg.pinv(linear.depth_basis) @ linear.depth_basis
    assert np.square(depth - inside).mean() < 0.02 * np.square(depth).mean()


def test_the_remainder_is_as_large_as_the_noise_and_a_covariance(linear: Linear) -> None:
    assert linear.detail.shape == (56, 56)
    np.testing.assert_allclose(linear.detail, linear.detail.T, atol=1e-9)
    assert np.linalg.eigvalsh(linear.detail).min() > -1e-7
    assert np.trace(linear.detail) == pytest.approx(linear.noise.sum() / 24, rel=1e-3)


def test_place_is_a_guess(linear: Linear) -> None:
    """A window that lies aside as a whole is not unlikely."""
    aside = np.tile([1.0, 0.0], 24 * 28) / np.sqrt(24 * 28)
    variance = np.square(linear.factor.T @ aside).sum() + aside @ (linear.noise * aside)
    assert variance > 0.9 * 24 * 28 * PLACE**2


def test_what_is_kept_comes_back_and_is_what_ships(linear: Linear, tmp_path: Path) -> None:
    save_linear(tmp_path / "new" / "linear.npz", linear)
    again = load_linear(tmp_path / "new" / "linear.npz")
    for name, values in vars(linear).items():
        np.testing.assert_array_equal(getattr(again, name), values)
    for wide in (linear.factor, linear.depth_basis):
        np.testing.assert_array_equal(wide, wide.astype(np.float16))
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["linear.npz"]


def test_too_few_windows_are_told(sampler: Sampler) -> None:
    with pytest.raises(InputError, match="999 windows to fit a Gaussian to, expected at least 1000"):
        fit_linear(sampler, 999)


def test_a_folder_without_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"linear.npz is missing.*trainer refine"):
        load_linear(tmp_path / "linear.npz")
