from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jumps_blender.core.body.skeleton import INDEX
from jumps_blender.core.direct.gaussian import Gaussian
from trainer.__main__ import main
from trainer.baselines import BASELINES, Lessons, networks
from trainer.baselines.conditioned import _Conditioned
from trainer.baselines.residual import to_perceptron
from trainer.baselines.simple import Bank, NearestWindows

EVERY = np.ones(28, bool)


def test_a_window_of_the_bank_is_found_by_what_is_seen_of_it(lessons: Lessons) -> None:
    bank = lessons.sampler(7).draw(30)[0]
    seen = bank[[4, 21]].copy()
    seen[:, :, ::2] = np.nan
    seen[0, 5:9] = np.nan
    np.testing.assert_allclose(NearestWindows(Bank(bank, EVERY), 1, aligned=False)(seen), bank[[4, 21]], atol=1e-6)


def test_a_turned_window_is_found_where_neighbours_are_aligned(lessons: Lessons) -> None:
    bank = lessons.sampler(7).draw(1)[0]
    turn = 1.2 * np.array([[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]])
    turned = bank @ turn.T + [0.2, -0.1]
    np.testing.assert_allclose(NearestWindows(Bank(bank, EVERY), 1, aligned=True)(turned), turned, atol=1e-5)


def test_the_gaussian_tells_apart_what_two_masks_know() -> None:
    """Two joints that always move together: each tells the other, whichever is seen."""
    factor = np.zeros((24, 28, 2, 2))
    left, right = INDEX["left_hand"], INDEX["right_hand"]
    factor[:, [left, right], 0, 0] = factor[:, [left, right], 1, 1] = 1.0
    gaussian = Gaussian(np.zeros(1344), factor.reshape(1344, 2), np.full(1344, 1e-6))
    seen = np.full((2, 24, 28, 2), np.nan)
    seen[0, :, left] = seen[1, :3, right] = [0.4, -0.3]
    answer = _Conditioned(gaussian, 0.001)(seen)
    np.testing.assert_allclose(answer[:, :, [left, right]], np.broadcast_to([0.4, -0.3], (2, 24, 2, 2)), atol=1e-3)
    assert np.abs(np.delete(answer, [left, right], axis=2)).max() < 1e-9


def test_a_network_learns_what_its_base_leaves(lessons: Lessons, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "WIDTH", 64)
    rng = np.random.default_rng(0)

    def draw() -> networks.Batch:
        inputs = rng.standard_normal((64, 1))
        base = rng.standard_normal((64, 24, 28, 2))
        moved = np.abs(inputs[..., None, None]) + np.zeros_like(base)
        return networks.Batch(inputs, base, base + moved, np.ones((64, 24)))

    arrays = networks.taught(1, 1344, draw, replace(lessons, steps=150))
    batch = draw()
    left = batch.truth - batch.base - to_perceptron(arrays)(batch.inputs.astype(np.float32)).reshape(batch.base.shape)
    assert arrays["steps"] == 150
    assert np.abs(left).mean() < 0.3 * np.abs(batch.truth - batch.base).mean()


def test_training_ends_with_the_minutes(lessons: Lessons, limbs: np.ndarray) -> None:
    short = replace(lessons, steps=10**9, minutes=0.002)
    assert int(str(dict(BASELINES["masked MLP"].fit(short, limbs).chosen)["steps"])) < 2000


def test_the_command_fits_ahead_and_a_second_call_finds_it(
    prepared: Path, small_fits: None, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    words = ["baselines", "--data", str(prepared), "--out", str(tmp_path), "--windows", "200", "--steps", "2"]
    chosen = ["--sets", "limbs,body25", "--only", "window ridge", "ridge + MLP"]
    assert main([*words, *chosen]) == 0
    kept = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    assert len(kept) == 4  # normal equations and a network for either set
    assert main([*words, *chosen]) == 0
    assert kept == {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    assert "body25: window ridge: 0." in capsys.readouterr().out


def test_the_command_refuses_data_that_must_not_ship(forbidden: Path, tmp_path: Path) -> None:
    assert main(["baselines", "--data", str(forbidden), "--out", str(tmp_path)]) == 2
    assert not list(tmp_path.iterdir())


def test_the_command_refuses_a_budget_of_nothing(prepared: Path, tmp_path: Path) -> None:
    assert main(["baselines", "--data", str(prepared), "--out", str(tmp_path), "--minutes", "0"]) == 2
