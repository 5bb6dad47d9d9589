"""The command `calibrate`: what is wrong with stated deviations is found, fitted and kept beside the prior."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from jumps_blender.core.body.skeleton import INDEX
from jumps_blender.core.direct.calibration import KIND, Calibration, knots
from jumps_blender.errors import InputError
from trainer import calibrate
from trainer.__main__ import main
from trainer.calibrate import fit, stretched
from trainer.prior import Prior
from trainer.quantiles import LEVELS, fit_quantiles, hats, steps
from trainer.stated import SHOWN, Evidence


def within(errors: np.ndarray) -> list[float]:
    return [float((errors < deviations).mean()) for deviations in LEVELS]


def made_up(seed: int, count: int = 40_000) -> Evidence:
    """Errors of people of whom toes are twice as wrong as stated, seen joints as wrong as what is left of them."""
    rng = np.random.default_rng(seed)
    seen, joint = rng.random(count) < 0.4, rng.integers(28, size=count)
    std, depth_std = np.exp(rng.uniform(np.log(0.03), np.log(0.4), (2, count)))
    left = np.exp(rng.uniform(np.log(1e-3), np.log(0.1), count))
    toes = KIND[joint] == KIND[INDEX["left_toe"]]
    true = np.where(seen, left, std * np.where(toes, 2.0, 0.5))
    signs = {
        "granted": np.log(rng.uniform(0.01, 1, count)), "left": np.log(left), "window_left": np.log(left),
        "gap": np.log(rng.integers(1, 24, count)), "bones": rng.integers(0, 4, count).astype(float),
        "joints": rng.integers(8, 16, count).astype(float), "pace": np.log(rng.uniform(0.001, 0.3, count)),
        "rare_motion": np.log(rng.uniform(0.3, 3, count)), "rare_pose": np.log(rng.uniform(0.3, 3, count)),
        "fps": np.log(rng.uniform(8, 60, count)), "coarse": rng.uniform(0, 1, count),
    }  # fmt: skip
    return Evidence(
        signs, seen, joint, std, np.abs(true[:, None] * rng.standard_normal((count, 2))), depth_std,
        np.abs(0.7 * depth_std * rng.standard_normal(count)), np.where(seen, 0, 2), rng.integers(2, size=count),
        np.where(rng.random(count) < 0.5, "one", "two"),
    )  # fmt: skip


def test_a_known_miscalibration_is_found_and_mended() -> None:
    arrays = fit(made_up(0), 0)
    new = made_up(1)
    positions, depth = stretched(new, arrays)
    toes = KIND[new.joint] == KIND[INDEX["left_toe"]]
    for errors in (positions[new.seen], positions[~new.seen & toes], positions[~new.seen & ~toes], depth):
        assert within(errors) == pytest.approx([*LEVELS.values()], abs=0.03)
    assert Calibration.of(arrays).tables.keys() == {"seen", "unseen", "depth"}


def test_points_of_both_groups_count_by_how_many_there_are() -> None:
    evidence = made_up(2)
    rejected = evidence.group.copy()
    rejected[~evidence.seen] = np.where(np.random.default_rng(0).random((~evidence.seen).sum()) < 0.01, 0, 2)
    spoilt = Evidence(**vars(evidence) | {"group": rejected, "error": evidence.error.copy()})
    spoilt.error[(rejected == 0) & ~evidence.seen] *= 100
    positions, _ = stretched(evidence, fit(spoilt, 0))
    assert within(positions[~evidence.seen]) == pytest.approx([*LEVELS.values()], abs=0.03)


def test_of_errors_with_long_tails_both_shares_are_missed_a_little() -> None:
    errors = np.abs(np.random.default_rng(0).standard_t(2, 50_000))
    (factor,) = fit_quantiles(np.ones((50_000, 1), np.float32), np.log(errors)[:, None], np.ones(50_000), steps([1]))
    low, high = np.array(within(errors / np.exp(factor))) - [*LEVELS.values()]
    assert 0.01 < low < -high < 0.07


def test_a_table_goes_on_where_there_are_no_errors() -> None:
    table, values = np.arange(6.0), np.random.default_rng(0).uniform(0, 3, 5000)
    errors = 3 * np.abs(np.random.default_rng(1).standard_normal((5000, 1)))
    found = fit_quantiles(hats(values, table), np.log(errors), np.ones(5000), steps([6]))
    np.testing.assert_allclose(np.exp(found), 3, rtol=0.15)


def test_hats_are_what_interpolation_makes_of_a_table() -> None:
    values, table = np.random.default_rng(0).uniform(-8, 3, 100), np.arange(8.0) ** 2
    for sign in ("granted", "stated"):
        found = hats(values, knots(sign)) @ table
        np.testing.assert_allclose(found, np.interp(values, knots(sign), table), atol=1e-4)
    assert hats(values, knots("gap")).sum(1) == pytest.approx(1)


@pytest.fixture
def folder(prior: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prior, tmp_path / "prior"))


def test_the_command_leaves_tables_beside_the_prior(
    folder: Path, prepared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(calibrate, "SHOWN", SHOWN[:1])
    before = Prior.read(folder).contents()[0]
    assert main(["calibrate", "--data", str(prepared), "--out", str(folder), "--windows", "1"]) == 0
    assert "clean" in capsys.readouterr().out
    after = Prior.read(folder).contents()[0]
    added = {name.removeprefix("calibration."): after[name] for name in after.keys() - before.keys()}
    assert np.ptp(Calibration.of(added).tables["unseen"]["granted"]) > 0
    refiner = torch.load(folder / "refiner_noisy.pt", weights_only=True)
    refiner["model"]["4.bias"] += 1
    torch.save(refiner, folder / "refiner_noisy.pt")
    with pytest.raises(InputError, match="trainer calibrate"):
        Prior.read(folder)
    assert not Prior.read_uncalibrated(folder).calibration
