"""The command `screen`: what is spoiled is told, what cannot be known does not count, and both networks learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.direct.screening import INPUTS, OUTPUTS
from trainer.__main__ import main
from trainer.data.dataset import load_dataset
from trainer.practice import perceptron
from trainer.sampling import Augmentation, Sampler
from trainer.screen import Looks, describe, draw_looks, loss, spoil


@pytest.fixture(scope="module")
def looks(prepared: Path) -> Looks:
    sampler = Sampler(load_dataset(prepared, "train"), Augmentation(), np.random.default_rng(0))
    return draw_looks(sampler, 60)


def test_the_screen_and_the_judge_are_kept(prior: Path) -> None:
    stored = torch.load(prior / "screen.pt", weights_only=True)
    assert stored["iteration"] >= 1
    assert [tuple(value.shape) for value in stored["model"].values()] == [
        (16, INPUTS), (16,), (16, 16), (16,), (OUTPUTS, 16), (OUTPUTS,),
    ]  # fmt: skip
    assert (prior / "noise_judge.pt").is_file()


def test_looks_show_what_is_wrong_and_what_is_right(looks: Looks) -> None:
    assert looks.inputs.shape == (60 * 12, INPUTS)
    assert looks.truth.shape == looks.counts.shape == (60 * 12, OUTPUTS)
    assert np.isfinite(looks.inputs).all()
    for columns in (slice(0, len(JOINTS)), slice(len(JOINTS), OUTPUTS)):
        truth, counts = looks.truth[:, columns], looks.counts[:, columns]
        assert 0.005 < truth[counts].mean() < 0.4
    shown = looks.inputs.reshape(-1, 15, 28, 3)[:, 7, :, 2] > 0
    np.testing.assert_array_equal(looks.counts[:, : len(JOINTS)], shown)


def test_only_what_is_visibly_off_is_called_wrong() -> None:
    rng = np.random.default_rng(0)
    truth, heads = rng.normal(size=(80, 30, 28, 2)), np.full((80, 30), 0.1)
    positions, wrong = spoil(truth, heads, rng)
    off = np.linalg.norm(positions - truth, axis=-1) / heads[..., None]
    assert 0.01 < wrong.mean() < 0.3
    assert np.median(off[wrong]) > 1
    assert np.median(off[~wrong]) < 0.5
    assert np.quantile(off[~wrong], 0.99) < 2


def test_at_first_the_odds_are_even(looks: Looks) -> None:
    network = perceptron(INPUTS, 16, OUTPUTS)
    assert loss(network, looks).item() == pytest.approx(np.log(2), rel=1e-4)


def test_what_cannot_be_known_does_not_count(looks: Looks) -> None:
    network = perceptron(INPUTS, 16, OUTPUTS)
    torch.nn.init.normal_(network[-1].weight)
    other = Looks(looks.inputs, np.where(looks.counts, looks.truth, ~looks.truth), looks.counts)
    assert loss(network, other).item() == loss(network, looks).item()
    known = Looks(looks.inputs, ~looks.truth, looks.counts)
    assert loss(network, known).item() != pytest.approx(loss(network, looks).item(), rel=1e-3)


def test_it_learns(looks: Looks) -> None:
    torch.manual_seed(0)
    network = perceptron(INPUTS, 32, OUTPUTS)
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    for _ in range(60):
        optimiser.zero_grad()
        loss(network, looks).backward()
        optimiser.step()
    guess = looks.truth[looks.counts].mean()
    entropy = -(guess * np.log(guess) + (1 - guess) * np.log(1 - guess))
    assert loss(network, looks).item() < 0.8 * entropy
    assert describe(network, looks).startswith("elsewhere 0.")


def test_without_a_linear_part_it_is_told(prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["screen", "--data", str(prepared), "--out", str(tmp_path)]) == 2
    assert "linear.npz is missing" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_data_under_share_alike_terms_is_refused(
    forbidden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["screen", "--data", str(forbidden), "--out", str(tmp_path)]) == 2
    assert "under CC-BY-SA-3.0, the first is emil" in capsys.readouterr().err
