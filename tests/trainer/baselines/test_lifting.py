"""Lifting by ridge regression learns the depth that a window tells."""

from dataclasses import replace

import numpy as np
import pytest

from trainer.baselines import Lessons, lifting
from trainer.baselines.lifting import fit_lifting
from trainer.baselines.ridge import RIDGES
from trainer.evaluation.conditions import CONDITIONS


def test_depth_is_lifted_from_windows_in_any_unit(
    lessons: Lessons, limbs: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifting, "EXAMINATION", 24)
    found = fit_lifting(lessons, limbs)
    view = lessons.sampler(9).look(20)
    depth = np.array([found(positions) for positions in view.positions.astype(float)])
    assert np.abs(depth - view.depth).mean() < 0.7 * np.abs(view.depth).mean()
    pixels = np.where(limbs[:, None], 500 * view.positions[0].astype(float) + [900.0, 500.0], np.nan)
    assert found(pixels) == pytest.approx(500 * depth[0], rel=1e-3, abs=0.5)


def test_noise_asks_for_a_larger_penalty(
    lessons: Lessons, limbs: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(lifting, "EXAMINATION", 24)
    noisy = replace(lessons, condition=CONDITIONS["detector_weak"].spoil)
    assert RIDGES[0] < fit_lifting(noisy, limbs).ridge >= fit_lifting(lessons, limbs).ridge
