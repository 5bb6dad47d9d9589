"""The small network that says how far a clip is believed learns it from made-up clips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from jumps_blender.core.direct.noise_level import SYMPTOMS
from trainer import noise_judge
from trainer.data.dataset import load_dataset
from trainer.linear import load_linear
from trainer.noise_judge import draw_cases, fit_noise_judge
from trainer.occasions import DEVIATIONS
from trainer.sampling import Augmentation, Sampler

Cases = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def cases(prepared: Path, prior: Path) -> Cases:
    sampler = Sampler(load_dataset(prepared, "train"), Augmentation(), np.random.default_rng(0))
    return draw_cases(sampler, load_linear(prior / "linear.npz").gaussian, 120)


def test_cases_are_of_all_sizes_of_noise(cases: Cases) -> None:
    told, truth = cases
    assert told.shape == (720, SYMPTOMS)
    assert truth.shape == (720, 2)
    lasting = truth[np.isfinite(truth[:, 1]), 1]
    assert lasting.min() == 0
    assert 0.3 < (lasting > 0.9).mean() < 0.9
    truth = truth[:, 0]
    assert np.isfinite(told).all()
    slower = told[:, -1] < 0
    assert 0.3 < slower.mean() < 0.7
    assert told[:, -1].min() >= np.log(8 / 25) - 1e-6
    low, high = np.quantile(np.exp(truth), [0.05, 0.95])
    assert low < 0.05
    assert high > 0.3
    assert np.exp(truth).min() >= 0.015 - 1e-9
    assert np.exp(truth).max() < 10 * DEVIATIONS[1]


def test_it_learns_to_tell_noise(cases: Cases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise_judge, "_STEPS", 200)
    told, truth = cases
    judge = fit_noise_judge(told[:600], truth[:600])
    with torch.no_grad():
        off = judge(torch.from_numpy(told[600:])).numpy() - truth[600:]
    assert off[:, 0].std() < 0.6 * truth[:, 0].std()
    assert np.nanstd(off[:, 1]) < 0.9 * np.nanstd(truth[:, 1])


def test_the_same_seed_gives_the_same_judge(cases: Cases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise_judge, "_STEPS", 3)
    first, second, other = (fit_noise_judge(*cases, seed=seed).state_dict() for seed in (1, 1, 2))
    for key, value in first.items():
        torch.testing.assert_close(second[key], value, rtol=0, atol=0)
    assert not torch.equal(first["4.weight"], other["4.weight"])
